import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import type { DispatcherStats } from '../../local/broker/broker.ts'
import type { Violation } from '../../local/broker/violations.ts'
import type { RunningInstance } from '../../local/platform/revisions/revision.ts'
import type { Answer, ChildOptions, Question } from './platform-messages.ts'

export type LogLine = Record<string, unknown> & { service?: string; message?: string; trace_id?: string }

export type ChildPlatform = {
  url: string
  processId: number
  /** Everything logged so far. */
  logs: () => LogLine[]
  /** As superuser of its database. */
  query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
  stats: () => Promise<Record<string, DispatcherStats>>
  violations: () => Promise<Violation[]>
  modelCalls: () => Promise<number>
  instancesOf: (functionName: string) => Promise<RunningInstance[]>
  close: () => Promise<void>
}

/** Runs `startPlatform()` in its own process, where all of its output can be read. */
export async function startChildPlatform(options: Omit<ChildOptions, 'dataDirectory'>): Promise<ChildPlatform> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'growbin-e2e-'))
  // PostgreSQL does not run as root, and its own user needs access.
  await chmod(dataDirectory, 0o711)
  const child = spawn(process.execPath, [`${import.meta.dirname}/platform-child.ts`], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GROWBIN_E2E_PLATFORM: JSON.stringify({ ...options, dataDirectory } satisfies ChildOptions),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line))
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let lastId = 0
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()

  const ready = await new Promise<{ url: string; databaseUrl: string }>((resolve, reject) => {
    child.on('message', (message: Answer) => {
      if ('ready' in message) return resolve(message.ready)
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if ('error' in message) asked?.reject(new Error(message.error))
      else asked?.resolve(message.value)
    })
    void exited.then((code) => {
      const error = new Error(`The platform ended with ${code}. It last wrote:\n${lines.slice(-20).join('\n')}`)
      void rm(dataDirectory, { recursive: true, force: true }).finally(() => reject(error))
      for (const asked of waiting.values()) asked.reject(error)
    })
  })
  const ask = (question: Question['ask']) =>
    new Promise<unknown>((resolve, reject) => {
      lastId += 1
      const id = lastId
      waiting.set(id, { resolve, reject })
      child.send({ id, ask: question } satisfies Question)
    })

  return {
    url: ready.url,
    processId: child.pid ?? 0,
    logs: () => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine),
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => {
      const client = new pg.Client({ connectionString: ready.databaseUrl })
      client.on('error', () => undefined)
      await client.connect()
      try {
        return (await client.query<Row>(text, values)).rows
      } finally {
        await client.end()
      }
    },
    stats: async () => (await ask('stats')) as Record<string, DispatcherStats>,
    violations: async () => (await ask('violations')) as Violation[],
    modelCalls: async () => (await ask('model_calls')) as number,
    instancesOf: async (functionName) => {
      const described = (await (await fetch(ready.url)).json()) as {
        functions: { name: string; instances: RunningInstance[] }[]
      }
      return described.functions.find(({ name }) => name === functionName)?.instances ?? []
    },
    close: async () => {
      // The end of the process may cut off the answer; its exit code says the same.
      if (child.connected) void ask('close').catch(() => undefined)
      const code = await exited
      await rm(dataDirectory, { recursive: true, force: true })
      if (code !== 0) throw new Error(`The platform ended with ${code}:\n${lines.slice(-20).join('\n')}`)
    },
  }
}
