import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runInContainerd } from '../node/containerd.ts'
import { runCommand } from '../run/command.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

export type BuiltImage = { name: string; reference: string; digest: string }

const buildTimeoutMs = 30 * 60_000
const importTimeoutMs = 10 * 60_000

const folderOf = ({ images }: Pick<Settings, 'images'>): string => join(images, 'product')

/** Of the last build, by the name of the function. A tag is made of the digest, so only what changed becomes a new revision. */
export async function readImages(settings: Settings): Promise<ReadonlyMap<string, string>> {
  const images = JSON.parse(await readFile(join(folderOf(settings), 'images.json'), 'utf8')) as BuiltImage[]
  return new Map(images.map((image) => [image.name, referenceOf(image)]))
}

const referenceOf = ({ reference, digest }: BuiltImage): string =>
  `${reference.replace(/:[\w.-]+$/, '')}:${digest.replace('sha256:', '').slice(0, 16)}`

export function imagesStep(settings: Settings, repository: string): Step {
  return {
    name: 'images of the product',
    version: '',
    kept: 'never',
    isThere: async () => false,
    run: async (log) => {
      const output = folderOf(settings)
      await mkdir(output, { recursive: true })
      const build = [join(repository, 'scripts/images/build.ts'), '--tag', 'built', '--output', output]
      await runCommand(process.execPath, build, { log, cwd: repository, timeoutMs: buildTimeoutMs })
      const images = JSON.parse(await readFile(join(output, 'images.json'), 'utf8')) as BuiltImage[]
      await runInContainerd(settings, ['images', 'import', join(output, 'images.tar')], {
        log,
        timeoutMs: importTimeoutMs,
      })
      for (const image of images) {
        await runInContainerd(settings, ['images', 'tag', '--force', image.reference, referenceOf(image)], { log })
      }
      return `${images.length} images`
    },
  }
}
