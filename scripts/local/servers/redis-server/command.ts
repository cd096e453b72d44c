import { wrongType } from './command-error.ts'
import type { Keyspace } from './keyspace.ts'
import type { Reply } from './reply.ts'
import type { Session } from './session.ts'
import type { StoredValue, ValueOf } from './stored-value.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { WatchRegistry } from './watch-registry.ts'

/** What all connections share. */
export type Engine = {
  now: () => number
  startedAtMs: number
  port: () => number
  password: string | undefined
  sizeBytesMax: number
  databases: readonly Keyspace[]
  sessions: Set<Session>
  subscriptions: Subscriptions
  watches: WatchRegistry
  usedBytes: () => number
  evictedKeys: () => number
  processedCommands: () => number
  commands: ReadonlyMap<string, Command>
  /** Runs one command in the name of a session, as EXEC does with those that were queued. */
  run: (session: Session, request: readonly string[]) => Reply
}

export type Call = {
  /** The name as the table has it, in lower case. */
  name: string
  /** Everything after the name, one byte per character. */
  args: readonly string[]
  keyspace: Keyspace
  session: Session
  engine: Engine
}

export type CommandFlag = 'write' | 'readonly' | 'denyoom' | 'fast' | 'pubsub' | 'noauth' | 'immediate'

export type Command = {
  name: string
  /** As in COMMAND: how many words, the name included; negative means at least. */
  arity: number
  flags: readonly CommandFlag[]
  run: (call: Call) => Reply
}

export const READ: readonly CommandFlag[] = ['readonly']
export const WRITE: readonly CommandFlag[] = ['write']
export const GROW: readonly CommandFlag[] = ['write', 'denyoom']

export const command = (name: string, arity: number, flags: readonly CommandFlag[], run: Command['run']): Command => ({
  name,
  arity,
  flags,
  run,
})

/** The value of a key if it is of the wanted type; another type is an error, no key is undefined. */
export function findValue<Type extends StoredValue['type']>(
  call: Call,
  key: string,
  type: Type,
): ValueOf<Type> | undefined {
  const value = call.keyspace.find(key)?.value
  if (!value) return undefined
  if (value.type !== type) throw wrongType()
  // The line above has compared the tag, which the compiler cannot follow through a type parameter.
  return value as ValueOf<Type>
}
