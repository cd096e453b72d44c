import type { Command, Engine } from './command.ts'
import { CommandError, wrongArity } from './command-error.ts'
import { error, type Reply, simple } from './resp/reply.ts'
import type { Session } from './session.ts'

const ALLOWED_WHILE_SUBSCRIBED = new Set(['ping', 'quit', 'subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe'])

/** Answers one request of a session: refuses it, queues it for EXEC, or runs it. Never throws. */
export function answerRequest(
  engine: Engine,
  session: Session,
  request: readonly string[],
  makeRoom: () => void,
): Reply {
  return asReply(() => {
    try {
      const found = getCommand(engine, session, request)
      if (session.queued && !found.flags.includes('immediate')) {
        session.queued.push([...request])
        return simple('QUEUED')
      }
      return runFound(engine, session, found, request, makeRoom)
    } catch (cause) {
      if (session.queued && request[0]?.toLowerCase() === 'exec') throw discardFailedExec(session, cause)
      if (session.queued && !isCalledAtOnce(engine, request)) session.queueFailed = true
      throw cause
    }
  })
}

/** Runs one request whose command and arity were checked, as EXEC does with the queued ones. Never throws. */
export function runQueued(engine: Engine, session: Session, request: readonly string[], makeRoom: () => void): Reply {
  return asReply(() => runFound(engine, session, getCommand(engine, session, request), request, makeRoom))
}

function runFound(
  engine: Engine,
  session: Session,
  found: Command,
  request: readonly string[],
  makeRoom: () => void,
): Reply {
  const keyspace = engine.databases[session.database]
  if (!keyspace) throw new CommandError('ERR DB index is out of range')
  if (found.flags.includes('denyoom')) makeRoom()
  return found.run({ name: found.name, args: request.slice(1), keyspace, session, engine })
}

function getCommand(engine: Engine, session: Session, request: readonly string[]): Command {
  const [name = '', ...args] = request
  const found = engine.commands.get(name.toLowerCase())
  if (!found) throw unknownCommand(name, args)
  const { arity } = found
  if (arity > 0 ? request.length !== arity : request.length < -arity) throw wrongArity(found.name)
  const subscribed = session.channels.size + session.patterns.size > 0
  if (subscribed && session.protocol === 2 && !ALLOWED_WHILE_SUBSCRIBED.has(found.name))
    throw new CommandError(
      `ERR Can't execute '${found.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    )
  return found
}

const isCalledAtOnce = (engine: Engine, [name = '']: readonly string[]) =>
  engine.commands.get(name.toLowerCase())?.flags.includes('immediate') ?? false

/** An EXEC that cannot run still ends its transaction. */
function discardFailedExec(session: Session, cause: unknown): unknown {
  // EXEC itself has ended the transaction already when a queued command failed.
  if (!(cause instanceof CommandError) || cause.message.startsWith('EXECABORT')) return cause
  session.queued = undefined
  session.queueFailed = false
  return new CommandError(`EXECABORT Transaction discarded because of: ${cause.message.replace(/^ERR /, '')}`)
}

const QUOTED_BYTES_MAX = 128

function unknownCommand(name: string, args: readonly string[]): CommandError {
  let quoted = ''
  for (const arg of args) {
    if (quoted.length >= QUOTED_BYTES_MAX) break
    quoted += `'${arg.slice(0, QUOTED_BYTES_MAX - quoted.length)}' `
  }
  return new CommandError(
    `ERR unknown command '${name.slice(0, QUOTED_BYTES_MAX)}', with args beginning with: ${quoted}`,
  )
}

function asReply(run: () => Reply): Reply {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof CommandError) return error(cause.message)
    // An internal error must be answered: without an answer, the client would misread every later one.
    return error(`ERR internal error: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
