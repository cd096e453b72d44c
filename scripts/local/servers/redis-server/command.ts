import { wrongType } from './command-error.ts'
import type { Keyspace } from './keyspace.ts'
import type { Reply } from './resp/reply.ts'
import type { Session } from './session.ts'
import type { StoredValue, ValueOf } from './stored-value.ts'
import type { Subscriptions } from './subscriptions.ts'

/** State shared by all connections. */
export type Engine = {
  now: () => number
  port: () => number
  sizeBytesMax: number
  databases: readonly Keyspace[]
  sessionCount: () => number
  subscriptions: Subscriptions
  usedBytes: () => number
  processedCommands: () => number
  commands: ReadonlyMap<string, Command>
  /** Runs one command for a session, as EXEC does with the queued ones. */
  run: (session: Session, request: readonly string[]) => Reply
}

export type Call = {
  /** The name in the table, in lower case. */
  name: string
  /** Everything after the name, one byte per character. */
  args: readonly string[]
  keyspace: Keyspace
  session: Session
  engine: Engine
}

/** `denyoom`: may need memory; `immediate`: is not queued by MULTI. */
export type CommandFlag = 'denyoom' | 'immediate'

export type Command = {
  name: string
  /** As in COMMAND: how many words, the name included; negative means at least. */
  arity: number
  flags: readonly CommandFlag[]
  run: (call: Call) => Reply
}

export const GROW: readonly CommandFlag[] = ['denyoom']

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
