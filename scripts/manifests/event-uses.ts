import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pingType } from '../../functions/_lib/events/event-contract.ts'
import { pingSourceName, pingSourceNamespace } from '../../functions/_lib/process/function-spec.ts'
import { type LoadedContract, loadContracts } from './load-contracts.ts'
import type { LoadedSpec } from './load-specs.ts'
import { isQueue, schedulesOf } from './trigger-kind.ts'

export type EventUse = LoadedContract & {
  /** Functions in whose name it is sent, as its attribute `source` has them. */
  producers: readonly string[]
  /** Cron sources that send it, by name. */
  cronSources: readonly string[]
  /** Functions that have a handler for it, by name. */
  handlers: readonly string[]
  /** Every value of its attribute `source`. */
  eventSources: readonly string[]
}

type SourceFile = { path: string; text: string }

/** Every event contract, with who sends and who handles it: those whose files import it to make events or to handle them. */
export async function loadEvents(repository: string, specs: readonly LoadedSpec[]): Promise<EventUse[]> {
  const [contracts, files] = await Promise.all([loadContracts(repository), readDomainFiles(repository)])
  return contracts.map((loaded) => {
    const using = files.filter(({ text }) => importsContract(loaded, text))
    const handling = using.filter(({ text }) => new RegExp(`\\bonEvent\\(\\s*${loaded.constant}\\b`).test(text))
    // A file that only recognises the type of an event sends nothing.
    const producers = sorted(using.filter(({ text }) => /\bcreateEvent\(/.test(text)).flatMap(producersIn))
    const pings = loaded.contract.type === pingType ? pingsOf(loaded.contract.queue, specs) : []
    return {
      ...loaded,
      producers,
      cronSources: sorted(pings.map(({ name }) => name)),
      handlers: sorted(
        specs
          .filter(({ source }) => handling.some(({ path }) => path.startsWith(source.replace(/function\.ts$/, ''))))
          .map(({ spec }) => spec.name),
      ),
      eventSources: sorted([
        ...producers.map((name) => `/growbin/${name}`),
        ...pings.map(({ namespace, name }) => `/apis/v1/namespaces/${namespace}/pingsources/${name}`),
      ]),
    }
  })
}

async function readDomainFiles(repository: string): Promise<SourceFile[]> {
  const paths: string[] = []
  for await (const path of glob('functions/[!_]*/**/*.ts', { cwd: repository })) {
    if (!path.endsWith('.test.ts') && !path.includes('/testing/')) paths.push(path)
  }
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(join(repository, path), 'utf8') })))
}

function importsContract({ constant, source }: LoadedContract, text: string): boolean {
  const file = basename(source).replaceAll('.', '\\.')
  return new RegExp(`^import \\{[^}]*\\b${constant}\\b[^}]*\\} from '[./]+/_contracts/${file}'`, 'm').test(text)
}

function producersIn({ path, text }: SourceFile): string[] {
  const names = [...text.matchAll(/\bsource: '\/growbin\/([\w-]+)'/g)].map(([, name = '']) => name)
  if (names.length > 0) return names
  throw new Error(`"${path}" makes an event whose source cannot be read; expected source: '/growbin/<function>' in it`)
}

function pingsOf(queue: string, specs: readonly LoadedSpec[]): { namespace: string; name: string }[] {
  return specs
    .map(({ spec }) => spec)
    .filter((spec) => isQueue(spec) && spec.trigger.queue === queue)
    .flatMap((spec) =>
      schedulesOf(spec).map(({ name }) => ({
        namespace: pingSourceNamespace(spec),
        name: pingSourceName(spec.name, name),
      })),
    )
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort()
