import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EventContract } from '../../functions/_lib/events/event-contract.ts'

export type LoadedContract = {
  contract: EventContract
  /** The name under which its file exports it. */
  constant: string
  /** The name of its file, without the ending: `ai-image-analyze.v1`. */
  name: string
  /** The file it comes from, relative to the repository. */
  source: string
}

/** Finds and imports every event contract of `functions/_contracts/events`, in order of path. Other shapes there are passed over. */
export async function loadContracts(repository: string): Promise<LoadedContract[]> {
  const sources: string[] = []
  for await (const source of glob('functions/_contracts/events/*.ts', { cwd: repository })) {
    if (!source.endsWith('.test.ts')) sources.push(source)
  }
  const contracts = await Promise.all(
    sources.sort().map(async (source) => {
      const module: Record<string, unknown> = await import(pathToFileURL(join(repository, source)).href)
      return Object.entries(module).flatMap(([constant, value]): LoadedContract[] =>
        isContract(value) ? [{ contract: value, constant, name: basename(source, '.ts'), source }] : [],
      )
    }),
  )
  return contracts.flat()
}

function isContract(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'type' in value && 'queue' in value && 'schema' in value
}
