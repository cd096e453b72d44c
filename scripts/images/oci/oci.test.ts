import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { configOf } from '../recipe.ts'
import { writeArchive } from './archive.ts'
import { blobPathOf } from './blob.ts'
import { putImage } from './image.ts'
import { packLayer } from './layer.ts'
import { type Entry, file, readTree, writeTree } from './tree.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-oci-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const entries: Entry[] = [
  file('usr/bin/program', 'runs', { executable: true }),
  { path: 'usr/bin/alias', kind: 'link', target: 'program' },
  file(`app/${'long-name-'.repeat(15)}/file.js`, 'export {}'),
  { path: 'tmp', kind: 'folder', mode: 0o1777 },
]

type Unpacked = Pick<Header, 'name' | 'type' | 'mode' | 'uid' | 'gid' | 'linkname'> & {
  mtime: number
  content: string
}

async function unpack(tar: Buffer): Promise<Unpacked[]> {
  const found: Unpacked[] = []
  const archive = extract()
  Readable.from([tar]).pipe(archive)
  for await (const entry of archive) {
    const { name, type, mode, uid, gid, linkname, mtime } = entry.header
    const content = (await buffer(entry)).toString()
    found.push({ name, type, mode, uid, gid, linkname, mtime: Number(mtime), content })
  }
  return found
}

const digestOf = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`

it('packs the same files in any order, and in another layout, to one digest', async () => {
  const first = await packLayer(entries, join(folder, 'a'))
  const second = await packLayer(entries.toReversed(), join(folder, 'b'))
  expect(second).toEqual(first)
  expect(await packLayer([...entries, file('app/other', '')], join(folder, 'b'))).not.toEqual(first)
})

it('packs everything as root, at one time, with each folder before what is in it', async () => {
  const layer = await packLayer(entries, folder)
  const blob = await readFile(join(folder, blobPathOf(layer.digest)))
  const tar = gunzipSync(blob)
  expect([digestOf(blob), blob.length, digestOf(tar)]).toEqual([layer.digest, layer.bytes, layer.diffId])
  const long = `app/${'long-name-'.repeat(15)}`
  const same = { uid: 0, gid: 0, mtime: 0, linkname: null, content: '' }
  expect(await unpack(tar)).toEqual([
    { ...same, name: 'app/', type: 'directory', mode: 0o755 },
    { ...same, name: `${long}/`, type: 'directory', mode: 0o755 },
    { ...same, name: `${long}/file.js`, type: 'file', mode: 0o644, content: 'export {}' },
    { ...same, name: 'tmp/', type: 'directory', mode: 0o1777 },
    { ...same, name: 'usr/', type: 'directory', mode: 0o755 },
    { ...same, name: 'usr/bin/', type: 'directory', mode: 0o755 },
    { ...same, name: 'usr/bin/alias', type: 'symlink', mode: 0o777, linkname: 'program' },
    { ...same, name: 'usr/bin/program', type: 'file', mode: 0o755, content: 'runs' },
  ])
})

it('refuses a path that comes twice', async () => {
  await expect(packLayer([file('a', '1'), file('a', '2')], folder)).rejects.toThrow('"a" is in the layer twice')
})

it('reads back from a folder what was written to it', async () => {
  await writeTree(entries, join(folder, 'root'))
  const read = await readTree(join(folder, 'root'), '')
  const kept = read.filter(({ kind }) => kind !== 'folder').sort((a, b) => (a.path < b.path ? -1 : 1))
  expect(kept).toEqual(entries.filter(({ kind }) => kind !== 'folder').sort((a, b) => (a.path < b.path ? -1 : 1)))
  expect((await stat(join(folder, 'root/tmp'))).mode & 0o7777).toBe(0o1777)
})

it('writes an archive with each blob once, whose images name their layers from the lowest and run as another user than root', async () => {
  const base = await packLayer(entries, folder)
  const app = await packLayer([file('app/main.js', 'export {}')], folder)
  const images = []
  for (const name of ['one', 'two']) {
    const manifest = await putImage(
      { layers: [base, app], config: configOf('main.js', 8080), annotations: { title: name } },
      folder,
    )
    images.push({ reference: `registry.test/${name}:tag`, manifest })
  }
  const paths = [join(folder, 'first.tar'), join(folder, 'second.tar')]
  for (const path of paths) await writeArchive(images, { layout: folder, path })
  const [first, second] = await Promise.all(paths.map((path) => readFile(path)))
  expect(first?.equals(second as Buffer)).toBe(true)

  const found = new Map((await unpack(first as Buffer)).map(({ name, content }) => [name, content]))
  const blobs = [...found.keys()].filter((name) => name.startsWith('blobs/'))
  // Two manifests, one configuration and two layers.
  expect(blobs).toHaveLength(5)
  expect(JSON.parse(found.get('oci-layout') ?? '')).toEqual({ imageLayoutVersion: '1.0.0' })
  const index = JSON.parse(found.get('index.json') ?? '') as { manifests: { digest: string; annotations: object }[] }
  expect(index.manifests.map(({ annotations }) => annotations)).toEqual(
    ['one', 'two'].map((name) => ({
      'io.containerd.image.name': `registry.test/${name}:tag`,
      'org.opencontainers.image.ref.name': 'tag',
    })),
  )
  const manifest = JSON.parse(found.get(blobPathOf(index.manifests[0]?.digest ?? '')) ?? '')
  expect(manifest.layers.map(({ digest }: { digest: string }) => digest)).toEqual([base.digest, app.digest])
  const configuration = JSON.parse(found.get(blobPathOf(manifest.config.digest)) ?? '')
  expect(configuration.rootfs.diff_ids).toEqual([base.diffId, app.diffId])
  expect(configuration.config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['/usr/local/bin/node'],
    Cmd: ['main.js'],
    WorkingDir: '/app',
    ExposedPorts: { '8080/tcp': {} },
  })
})
