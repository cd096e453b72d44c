import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DispatcherStats, RunningBroker } from '../../local/broker/broker.ts'
import type { RabbitBrokerOptions } from '../../local/broker/rabbit-broker.ts'
import type { Violation } from '../../local/broker/violations.ts'
import type { BrokerAnswer, BrokerQuestion } from './broker-messages.ts'

export type BrokerProcess = RunningBroker & {
  processId: () => number | undefined
  /** Kills it, and starts no other until `release`. */
  hold: () => Promise<void>
  release: () => void
}

export type BrokerProcessOptions = {
  broker: RabbitBrokerOptions
  environment: Readonly<Record<string, string>>
  writeLog: (line: string) => void
}

// As short as the first back-off of a pod that crashed.
const restartMs = 500
const answerTimeoutMs = 5_000

/** Runs the broker as a process that is restarted whenever it ends, as a pod is. Resolves when it first answers. */
export async function startBrokerProcess(options: BrokerProcessOptions): Promise<BrokerProcess> {
  const { log: _, signal: __, ...described } = options.broker
  let child: ChildProcess | undefined
  let exited = Promise.resolve()
  let held = false
  let closing = false
  let latestViolations: Violation[] = []
  let lastId = 0
  const waiting = new Map<number, (value: unknown) => void>()
  const { promise: ready, resolve: onReady } = Promise.withResolvers<Record<string, string>>()
  const lines: string[] = []

  const start = () => {
    const started = spawn(process.execPath, [`${import.meta.dirname}/broker-program.ts`], {
      env: {
        PATH: process.env.PATH,
        ...options.environment,
        GROWBIN_SERVICE: 'broker',
        GROWBIN_FAULTS_BROKER: JSON.stringify(described),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    child = started
    started.on('error', () => undefined)
    for (const stream of [started.stdout, started.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (lines.length > 20) lines.shift()
        options.writeLog(line)
      })
    }
    started.on('message', (answer: BrokerAnswer) => {
      if ('ready' in answer) return onReady(answer.ready)
      waiting.get(answer.id)?.(answer.value)
      waiting.delete(answer.id)
    })
    exited = new Promise((resolve) =>
      started.once('exit', () => {
        child = undefined
        resolve()
        if (!closing) void sleep(restartMs).then(() => !closing && !held && !child && start())
      }),
    )
  }

  const ask = async <T>(question: BrokerQuestion['ask']): Promise<T> => {
    lastId += 1
    const id = lastId
    const { promise, resolve } = Promise.withResolvers<unknown>()
    waiting.set(id, resolve)
    child?.send({ id, ask: question } satisfies BrokerQuestion, () => undefined)
    const timeout = sleep(answerTimeoutMs, undefined, { ref: false }).then(() => {
      throw new Error(`The broker did not answer "${question}" in ${answerTimeoutMs} ms`)
    })
    return (await Promise.race([promise, timeout])) as T
  }

  start()
  const failed = sleep(60_000, undefined, { ref: false }).then(() => {
    throw new Error(`The broker did not start. It last wrote:\n${lines.join('\n')}`)
  })
  const addresses = await Promise.race([ready, failed])
  failed.catch(() => undefined)

  return {
    addresses,
    stats: () => ask<Record<string, DispatcherStats>>('stats'),
    violations: () => latestViolations,
    processId: () => child?.pid,
    rollDispatchers: async () => {
      await ask<null>('roll')
    },
    hold: async () => {
      held = true
      child?.kill('SIGKILL')
      await exited
    },
    release: () => {
      held = false
      if (!child) start()
    },
    close: async () => {
      closing = true
      latestViolations = child ? await ask<Violation[]>('violations').catch(() => []) : latestViolations
      child?.send({ id: 0, ask: 'close' } satisfies BrokerQuestion, () => undefined)
      const killing = setTimeout(() => child?.kill('SIGKILL'), 15_000)
      await exited
      clearTimeout(killing)
    },
  }
}
