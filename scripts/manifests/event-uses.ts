import { pingType } from '../../functions/_lib/events/event-contract.ts'
import { type FunctionSpec, pingSourceName, pingSourceNamespace } from '../../functions/_lib/process/function-spec.ts'
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

/** Every event contract, with the functions that publish and that handle it, as their `function.ts` say. */
export async function loadEvents(repository: string, specs: readonly LoadedSpec[]): Promise<EventUse[]> {
  return findEventUses(await loadContracts(repository), specs)
}

/** As `loadEvents`, for contracts that are loaded. */
export function findEventUses(contracts: readonly LoadedContract[], specs: readonly LoadedSpec[]): EventUse[] {
  return contracts.map((loaded) => {
    const namesOf = (key: 'handles' | 'publishes') =>
      specs.filter(({ spec }) => spec[key].some((contract) => isSame(contract, loaded.contract))).map(nameOf)
    const producers = sorted(namesOf('publishes'))
    const pings = loaded.contract.type === pingType ? pingsOf(loaded.contract.queue, specs) : []
    return {
      ...loaded,
      producers,
      cronSources: sorted(pings.map(({ name }) => name)),
      // A cron source that goes straight to a function passes by the broker, whose events are listed here.
      handlers: sorted(
        namesOf('handles').filter((name) => specs.some(({ spec }) => spec.name === name && isQueue(spec))),
      ),
      eventSources: sorted([
        ...producers.map((name) => `/growbin/${name}`),
        ...pings.map(({ namespace, name }) => `/apis/v1/namespaces/${namespace}/pingsources/${name}`),
      ]),
    }
  })
}

type Contract = FunctionSpec['handles'][number]

/** The type that cron sources send is one for all queues. */
const isSame = (one: Contract, other: Contract): boolean => one.type === other.type && one.queue === other.queue

const nameOf = ({ spec }: LoadedSpec): string => spec.name

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
