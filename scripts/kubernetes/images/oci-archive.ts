import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from '../run/command.ts'

export type ImageSpec = {
  /** With its tag. */
  name: string
  /** Names of layers, the lowest first. */
  layers: readonly string[]
  entrypoint: readonly string[]
  command?: readonly string[]
  environment?: Readonly<Record<string, string>>
  user?: string
  workingDirectory?: string
}

export type ArchiveSpec = {
  /** Folder of each layer by name. */
  layers: Readonly<Record<string, string>>
  images: readonly ImageSpec[]
}

type Blob = { digest: string; size: number }

const packTimeoutMs = 10 * 60_000

/** Writes an OCI archive of images from folders. Every file belongs to root and has the time 0, so equal folders are equal layers. */
export async function writeOciArchive(archive: string, spec: ArchiveSpec, log: string): Promise<void> {
  await mkdir(dirname(archive), { recursive: true })
  const folder = await mkdtemp(`${archive}-`)
  const blobs = join(folder, 'blobs/sha256')
  try {
    await mkdir(blobs, { recursive: true })
    const layers = new Map<string, Blob>()
    for (const name of new Set(spec.images.flatMap((image) => image.layers))) {
      layers.set(name, await packLayer(blobs, spec.layers[name] ?? missing(name), log))
    }
    const manifests = []
    for (const image of spec.images) {
      const own = image.layers.map((name) => layers.get(name) ?? missing(name))
      manifests.push(await writeImage(blobs, image, own))
    }
    await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    await runCommand('tar', ['-C', folder, '-cf', archive, 'oci-layout', 'index.json', 'blobs'], {
      log,
      timeoutMs: packTimeoutMs,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const missing = (name: string): never => {
  throw new Error(`There is no layer "${name}"`)
}

async function packLayer(blobs: string, folder: string, log: string): Promise<Blob> {
  const file = join(blobs, 'layer')
  const reproducible = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--format=gnu']
  await runCommand('tar', [...reproducible, '-C', folder, '-cf', file, '.'], { log, timeoutMs: packTimeoutMs })
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  const { size } = await stat(file)
  await rename(file, join(blobs, digest))
  return { digest: `sha256:${digest}`, size }
}

async function writeImage(blobs: string, image: ImageSpec, layers: readonly Blob[]) {
  const config = await writeBlob(blobs, {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      ...(image.command && { Cmd: image.command }),
      Env: Object.entries(image.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(image.user && { User: image.user }),
      ...(image.workingDirectory && { WorkingDir: image.workingDirectory }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  })
  const manifest = await writeBlob(blobs, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
  })
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...manifest,
    annotations: { 'io.containerd.image.name': image.name },
  }
}

async function writeBlob(blobs: string, content: object): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(content))
  const digest = createHash('sha256').update(bytes).digest('hex')
  await writeFile(join(blobs, digest), bytes)
  return { digest: `sha256:${digest}`, size: bytes.byteLength }
}
