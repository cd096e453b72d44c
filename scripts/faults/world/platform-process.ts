import { createWriteStream } from 'node:fs'
import { startChildProgram } from '../../lib/child/child-program.ts'
import type { RunningInstance } from '../../local/platform/revisions/revision.ts'
import type { BrokerStats, PlatformChildOptions, PlatformQuestion, PlatformReady } from './platform-messages.ts'

const closeTimeoutMs = 40_000

export type PlatformProcess = {
  url: string
  /** Ingress of the main broker. */
  brokerUrl: string
  stats: () => Promise<BrokerStats>
  brokerProcessId: () => Promise<number | undefined>
  rollDispatchers: () => Promise<void>
  holdBroker: () => Promise<void>
  releaseBroker: () => Promise<void>
  /** Of every function, by its name. */
  instances: () => Promise<ReadonlyMap<string, readonly RunningInstance[]>>
  close: () => Promise<void>
}

/** Starts the platform in its own process, which writes its output to a file. */
export async function startPlatformProcess(options: PlatformChildOptions, logFile: string): Promise<PlatformProcess> {
  const log = createWriteStream(logFile, { flags: 'a' })
  const child = await startChildProgram<PlatformReady, PlatformQuestion>({
    program: `${import.meta.dirname}/platform-program.ts`,
    environment: { GROWBIN_FAULTS_PLATFORM: JSON.stringify(options) },
    onLine: (line) => log.write(`${line}\n`),
  })
  const { ready, ask } = child
  return {
    ...ready,
    stats: () => ask('stats'),
    brokerProcessId: () => ask('broker_process'),
    rollDispatchers: () => ask('roll_dispatchers'),
    holdBroker: () => ask('hold_broker'),
    releaseBroker: () => ask('release_broker'),
    instances: async () => {
      const described = (await (await fetch(ready.url)).json()) as {
        functions: { name: string; instances: RunningInstance[] }[]
      }
      return new Map(described.functions.map(({ name, instances }) => [name, instances]))
    },
    close: async () => {
      await child.close(closeTimeoutMs)
      await new Promise((resolve) => log.end(resolve))
    },
  }
}
