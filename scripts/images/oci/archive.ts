import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { blobPathOf, type Descriptor } from './blob.ts'

type Manifest = { config: Descriptor; layers: readonly Descriptor[] }

/** The index of a layout. Each image carries its whole name for containerd and its tag for everything else. */
export function indexOf(images: readonly { reference: string; manifest: Descriptor }[]): object {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: images.map(({ reference, manifest }) => ({
      ...manifest,
      platform: { architecture: 'amd64', os: 'linux' },
      annotations: {
        'io.containerd.image.name': reference,
        'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
      },
    })),
  }
}

/** Writes the images of a layout as one archive, each blob once. The same images are the same archive. */
export async function writeArchive(
  images: readonly { reference: string; manifest: Descriptor }[],
  { layout, path }: { layout: string; path: string },
): Promise<void> {
  const digests = new Set<string>()
  for (const { manifest } of images) {
    const { config, layers } = JSON.parse(await readFile(join(layout, blobPathOf(manifest.digest)), 'utf8')) as Manifest
    for (const { digest } of [manifest, config, ...layers]) digests.add(digest)
  }
  const archive = pack()
  const written = pipeline(archive, createWriteStream(`${path}.partial`))
  const filled = (async () => {
    add(archive, 'oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }))
    add(archive, 'index.json', JSON.stringify(indexOf(images)))
    for (const digest of [...digests].sort()) {
      const blob = join(layout, blobPathOf(digest))
      const { size } = await stat(blob)
      await pipeline(createReadStream(blob), archive.entry({ ...sameForAll, name: blobPathOf(digest), size }))
    }
    archive.finalize()
  })()
  await Promise.all([written, filled])
  await rename(`${path}.partial`, path)
}

const sameForAll = { uid: 0, gid: 0, mode: 0o644, mtime: new Date(0) }

function add(archive: Pack, name: string, text: string): void {
  archive.entry({ ...sameForAll, name }, text)
}
