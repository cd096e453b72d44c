import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { blobPathOf } from './blob.ts'
import { type Entry, modeOf, sortTree } from './tree.ts'

export type Layer = {
  /** Of the compressed blob. */
  digest: string
  bytes: number
  /** Of the tar archive inside. */
  diffId: string
}

/** Part of the key of what is kept, since another zlib may compress the same archive to other bytes. */
const compression = { level: 6, zlib: process.versions.zlib }

/**
 * Packs entries as one compressed layer and writes its blob to the layout. The same entries are the same blob: they are sorted,
 * belong to root, and carry the time 0, as does gzip's header. A blob that is there already is not compressed again.
 */
export async function packLayer(entries: readonly Entry[], layout: string): Promise<Layer> {
  const sorted = sortTree(entries)
  const diffId = await digestOf(sorted)
  const known = join(layout, 'layers', `${diffId}-${compression.zlib}-${compression.level}.json`)
  const kept = await readFile(known, 'utf8')
    .then((text) => JSON.parse(text) as Layer)
    .catch(() => undefined)
  if (kept && (await stat(join(layout, blobPathOf(kept.digest))).catch(() => undefined))?.size === kept.bytes)
    return kept

  const blobs = join(layout, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const partial = join(blobs, `partial-${randomUUID()}`)
  const hash = createHash('sha256')
  try {
    const measured = new PassThrough()
    measured.on('data', (chunk: Buffer) => hash.update(chunk))
    await pipeline(tarOf(sorted), createGzip({ level: compression.level }), measured, createWriteStream(partial))
    const digest = `sha256:${hash.digest('hex')}`
    const layer = { digest, bytes: (await stat(partial)).size, diffId }
    await rename(partial, join(layout, blobPathOf(digest)))
    await mkdir(join(layout, 'layers'), { recursive: true })
    await writeFile(known, JSON.stringify(layer))
    return layer
  } finally {
    await rm(partial, { force: true })
  }
}

async function digestOf(sorted: readonly Entry[]): Promise<string> {
  const hash = createHash('sha256')
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      done()
    },
  })
  await pipeline(tarOf(sorted), sink)
  return `sha256:${hash.digest('hex')}`
}

function tarOf(sorted: readonly Entry[]) {
  const archive = pack()
  const owner = { uid: 0, gid: 0, mtime: new Date(0) }
  for (const entry of sorted) {
    const header = { ...owner, mode: modeOf(entry) }
    if (entry.kind === 'folder') archive.entry({ ...header, name: `${entry.path}/`, type: 'directory' })
    else if (entry.kind === 'file') archive.entry({ ...header, name: entry.path, type: 'file' }, entry.content)
    else archive.entry({ ...header, name: entry.path, type: 'symlink', linkname: entry.target })
  }
  archive.finalize()
  return archive
}
