import { copyFile, cp, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findPostgresBinaries } from '../../local/servers/postgres-binaries.ts'
import { runInContainerd } from '../node/containerd.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { versions } from '../versions.ts'
import { makeDebianRoot, rootPackages } from './debian-root.ts'
import { type ArchiveSpec, type ImageSpec, writeOciArchive } from './oci-archive.ts'

/** Knative asks no registry about names of this one, and the node has the images already. */
export const localImage = (name: string): string => `dev.local/${name}:one-machine`

const importTimeoutMs = 10 * 60_000
const baseEnvironment = { LANG: 'C.UTF-8', SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt' }

const nodeImages = ['pause', 'coredns']

/** What a node runs before anything else: programs alone, which need no distribution. */
export function nodeImagesStep(settings: Settings): Step {
  return importStep(settings, {
    name: 'images of the node',
    version: versionOf(versions.coredns, 1),
    images: nodeImages,
    describe: (layers) => describePrograms(settings, layers, nodeImages, []),
  })
}

/** The images of everything but the functions: a program each, on one layer of the distribution. */
export function systemImagesStep(settings: Settings): Step {
  return importStep(settings, {
    name: 'images of the system',
    version: versionOf(versions, rootPackages, 4),
    images: ['rabbitmq', 'redis', 'postgresql', 'envoy', 'rabbitmq-dispatcher'],
    describe: async (layers, log) => {
      await makeDebianRoot(join(layers, 'debian'), log)
      await copyPostgres(join(layers, 'postgresql'))
      const programs = (await readdir(join(settings.programs, 'images'))).filter((name) => !nodeImages.includes(name))
      const spec = await describePrograms(settings, layers, programs.sort(), ['debian'])
      return {
        layers: { ...spec.layers, debian: join(layers, 'debian'), postgresql: join(layers, 'postgresql') },
        images: [...spec.images, ...serverImages],
      }
    },
  })
}

type ImportOptions = {
  name: string
  version: string
  /** That must be there afterwards. */
  images: readonly string[]
  describe: (layers: string, log: string) => Promise<ArchiveSpec>
}

function importStep(settings: Settings, { name, version, images, describe }: ImportOptions): Step {
  return {
    name,
    version,
    kept: 'cache',
    isThere: async () => {
      const found = await runInContainerd(settings, ['images', 'ls', '-q'], { log: '/dev/null' }).catch(() => '')
      return images.every((image) => found.split('\n').includes(localImage(image)))
    },
    run: async (log) => {
      const layers = join(settings.images, 'layers')
      const archive = join(settings.images, 'system.tar')
      try {
        await rm(layers, { recursive: true, force: true })
        const spec = await describe(layers, log)
        await writeOciArchive(archive, spec, log)
        const { size } = await stat(archive)
        await runInContainerd(settings, ['images', 'import', archive], { log, timeoutMs: importTimeoutMs })
        return `${spec.images.length} images, ${Math.round(size / 1e6)} MB`
      } finally {
        await rm(layers, { recursive: true, force: true })
        await rm(archive, { force: true })
      }
    },
  }
}

const serverImages: readonly ImageSpec[] = [
  {
    name: localImage('rabbitmq'),
    layers: ['debian'],
    entrypoint: ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    user: '999:999',
    environment: {
      ...baseEnvironment,
      PATH: '/usr/lib/rabbitmq/bin:/usr/bin:/bin',
      HOME: '/var/lib/rabbitmq',
      RABBITMQ_LOGS: '-',
      RABBITMQ_LOG_BASE: '/var/lib/rabbitmq/log',
    },
  },
  {
    name: localImage('redis'),
    layers: ['debian'],
    entrypoint: ['/usr/bin/redis-server'],
    user: '996:996',
    environment: { ...baseEnvironment, PATH: '/usr/bin:/bin' },
  },
  {
    name: localImage('postgresql'),
    layers: ['debian', 'postgresql'],
    entrypoint: ['/bin/sh'],
    user: '997:997',
    environment: { ...baseEnvironment, PATH: '/app/postgresql/bin:/usr/bin:/bin' },
  },
]

async function describePrograms(
  settings: Settings,
  layers: string,
  programs: readonly string[],
  below: readonly string[],
): Promise<ArchiveSpec> {
  const folders: Record<string, string> = {}
  for (const name of programs) {
    folders[name] = join(layers, name)
    await mkdir(join(layers, name, 'app'), { recursive: true })
    await copyFile(join(settings.programs, 'images', name), join(layers, name, 'app', name))
  }
  const images = programs.map((name) => ({
    name: localImage(name),
    layers: [...below, name],
    entrypoint: [`/app/${name}`],
    user: '65532:65532',
    environment: { ...baseEnvironment, PATH: '/app:/usr/bin:/bin' },
  }))
  return { layers: folders, images }
}

/** The same server as on a laptop: the distribution's is several versions older. */
async function copyPostgres(layer: string): Promise<void> {
  const { postgres } = await findPostgresBinaries()
  await cp(dirname(dirname(postgres)), join(layer, 'app/postgresql'), { recursive: true, verbatimSymlinks: true })
}
