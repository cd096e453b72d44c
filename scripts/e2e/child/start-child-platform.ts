import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startChildProgram } from '../../lib/child/child-program.ts'
import type { DispatcherStats } from '../../local/broker/broker.ts'
import type { Violation } from '../../local/broker/violations.ts'
import type { RunningInstance } from '../../local/platform/revisions/revision.ts'
import type { ChildOptions, ChildReady, Question } from './platform-messages.ts'

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
  const removeData = () => rm(dataDirectory, { recursive: true, force: true })
  const lines: string[] = []
  const child = await startChildProgram<ChildReady, Question>({
    program: `${import.meta.dirname}/platform-child.ts`,
    environment: { GROWBIN_E2E_PLATFORM: JSON.stringify({ ...options, dataDirectory } satisfies ChildOptions) },
    onLine: (line) => lines.push(line),
  }).catch(async (error: Error) => {
    await removeData()
    throw error
  })
  const { ready, ask } = child

  return {
    url: ready.url,
    processId: child.processId,
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
    stats: () => ask('stats'),
    violations: () => ask('violations'),
    modelCalls: () => ask('model_calls'),
    instancesOf: async (functionName) => {
      const described = (await (await fetch(ready.url)).json()) as {
        functions: { name: string; instances: RunningInstance[] }[]
      }
      return described.functions.find(({ name }) => name === functionName)?.instances ?? []
    },
    close: async () => {
      const code = await child.close()
      await removeData()
      if (code !== 0) throw new Error(`The platform ended with ${code}:\n${lines.slice(-20).join('\n')}`)
    },
  }
}
