import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { RunningInstance } from '../../local/platform/revisions/revision.ts'
import type { BrokerStats, PlatformAnswer, PlatformChildOptions, PlatformQuestion } from './platform-messages.ts'

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
  const child = spawn(process.execPath, [`${import.meta.dirname}/platform-program.ts`], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, GROWBIN_FAULTS_PLATFORM: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  // The process may have just ended, which `exit` reports.
  child.on('error', () => undefined)
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      lastLines.push(line)
      if (lastLines.length > 20) lastLines.shift()
    })
  }
  let lastId = 0
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const ready = await new Promise<{ url: string; brokerUrl: string }>((resolve, reject) => {
    child.on('message', (message: PlatformAnswer) => {
      if ('ready' in message) return resolve(message.ready)
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if ('error' in message) asked?.reject(new Error(message.error))
      else asked?.resolve(message.value)
    })
    void exited.then((code) => {
      const error = new Error(`The platform ended with ${code}. It last wrote:\n${lastLines.join('\n')}`)
      reject(error)
      for (const asked of waiting.values()) asked.reject(error)
    })
  })
  const ask = <T>(question: PlatformQuestion['ask']) =>
    new Promise<T>((resolve, reject) => {
      lastId += 1
      waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject })
      child.send({ id: lastId, ask: question } satisfies PlatformQuestion)
    })
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
      if (child.connected) void ask('close').catch(() => undefined)
      const killing = setTimeout(() => child.kill('SIGKILL'), 40_000)
      await exited
      clearTimeout(killing)
      await new Promise((resolve) => log.end(resolve))
    },
  }
}
