import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeOciArchive } from './oci-archive.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-archive-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, changedAt: Date): Promise<string> {
  const layer = join(folder, `${name}-layer`)
  await mkdir(layer)
  await writeFile(join(layer, 'program'), 'text')
  await utimes(join(layer, 'program'), changedAt, changedAt)
  const archive = join(folder, `${name}.tar`)
  const image = { name: 'dev.local/program:1', layers: ['own'], entrypoint: ['/program'], environment: { PATH: '/' } }
  await writeOciArchive(archive, { layers: { own: layer }, images: [image] }, join(folder, 'log'))
  const unpacked = join(folder, name)
  await mkdir(unpacked)
  await promisify(execFile)('tar', ['-C', unpacked, '-xf', archive])
  return unpacked
}

const read = async (unpacked: string, digest: string) => {
  const bytes = await readFile(join(unpacked, 'blobs/sha256', digest.replace('sha256:', '')))
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest)
  return JSON.parse(bytes.toString())
}

test('an archive leads from its index to the manifest, the configuration and the layer of an image', async () => {
  const unpacked = await write('first', new Date())
  const { manifests } = JSON.parse(await readFile(join(unpacked, 'index.json'), 'utf8'))
  expect(manifests[0].annotations).toEqual({ 'io.containerd.image.name': 'dev.local/program:1' })
  const manifest = await read(unpacked, manifests[0].digest)
  const configuration = await read(unpacked, manifest.config.digest)
  expect(configuration.config).toEqual({ Entrypoint: ['/program'], Env: ['PATH=/'] })
  // Layers are not compressed, so the digest of what a layer holds is that of the layer.
  expect(configuration.rootfs.diff_ids).toEqual(manifest.layers.map((layer: { digest: string }) => layer.digest))
})

test('the same files give the same image, whenever they were written', async () => {
  const first = await write('first', new Date('2026-03-02T00:00:00Z'))
  const second = await write('second', new Date('2026-03-03T00:00:00Z'))
  expect(await readFile(join(second, 'index.json'), 'utf8')).toBe(await readFile(join(first, 'index.json'), 'utf8'))
})
