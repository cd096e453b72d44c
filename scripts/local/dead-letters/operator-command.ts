import { join } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { createOperationsClient, RefusedError } from './operations-client.ts'
import { findOperatorToken } from './operator-token-source.ts'

export const text = { type: 'string' } as const
export const flag = { type: 'boolean', default: false } as const

/** The options of every command of an operator. */
export const operatorOptions = {
  'base-url': { type: 'string', default: 'http://127.0.0.1:8080' },
  token: text,
  data: text,
  help: flag,
} as const

export class UsageError extends Error {
  override name = 'UsageError'
}

/** The options and positionals of this process. Throws `UsageError`. */
export function readArguments<Options extends ParseArgsOptionsConfig>(options: Options) {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** A client of the operations API for these options, and where the platform on this machine keeps its data. */
export function openOperations(values: { 'base-url': string; token?: string | undefined; data?: string | undefined }) {
  const dataDirectory = values.data ?? join(repositoryRoot, '.local/start')
  const given = values.token ?? process.env.GROWBIN_OPERATOR_TOKEN
  const client = createOperationsClient({
    baseUrl: values['base-url'],
    token: () => findOperatorToken({ given, dataDirectory, now: new Date() }),
  })
  return { client, dataDirectory }
}

/** 2 for wrong usage, 4 for a refused token, 1 for any other error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2
  return error instanceof RefusedError && error.status === 401 ? 4 : 1
}

/** The message of an error, with a hint after wrong usage of the script. */
export const messageOf = (error: unknown, script: string): string =>
  `${(error as Error).message}${error instanceof UsageError ? `\nSee ${script} --help` : ''}`
