import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import pg from 'pg'
import { repositoryRoot } from '../../../lib/repository-root.ts'
import type { SentStatement } from './sent-statement.ts'

type Query = pg.Client['query']
type Recorded = { text: string; values?: unknown[] }

const framesKept = 40
const projectFrame = /((?:functions|scripts)\/[^\s:)]+\.ts):\d+/g

/**
 * Records each statement that this process sends in the role of a domain, once, at the end of `file`. It wraps the driver itself,
 * since functions under test open their own connections. Statements of tests are not recorded.
 */
export function recordStatements(file: string): void {
  const client = pg.Client.prototype as pg.Client & { recorded?: Set<string> }
  if (client.recorded) return
  const seen = new Set<string>()
  client.recorded = seen
  const query: Query = client.query
  client.query = function (this: pg.Client & { connectionParameters?: { options?: string } }, ...args: unknown[]) {
    if (this.connectionParameters?.options?.includes('role=growbin_')) {
      const sent = toRecorded(args)
      if (sent && !seen.has(sent.text)) {
        const from = findSender()
        if (!isTest(from)) {
          seen.add(sent.text)
          const statement: SentStatement = { text: sent.text, values: (sent.values ?? []).map(toBound), from }
          appendFileSync(file, `${JSON.stringify(statement)}\n`)
        }
      }
    }
    return Reflect.apply(query, this, args)
  } as Query
}

function toRecorded([first, second]: unknown[]): Recorded | undefined {
  const values = Array.isArray(second) ? { values: second as unknown[] } : {}
  if (typeof first === 'string') return { text: first, ...values }
  if (typeof first !== 'object' || first === null || !('text' in first)) return undefined
  return { ...values, ...(first as Recorded) }
}

const isTest = (from: string) => /\.test\.ts$|\/testing\//.test(from)

/** The nearest file of the project in the stack, apart from the driver and the module that opens connections. */
function findSender(): string {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = framesKept
  const stack = new Error('Only its stack is read').stack ?? ''
  Error.stackTraceLimit = before
  const files = [...stack.matchAll(projectFrame)].map(([, file = '']) =>
    relative(repositoryRoot, `${repositoryRoot}/${file}`),
  )
  return (
    files.find((file) => !file.endsWith('record-statements.ts') && file !== 'functions/_lib/stores/database.pg.ts') ??
    ''
  )
}

/** Bytes as PostgreSQL writes them, times as text, other values as JSON. */
const toBound = (value: unknown): unknown =>
  value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value
