import { type Call, type Command, command } from '../command.ts'
import { CommandError, wrongArity } from '../command-error.ts'
import { parseInteger } from '../numbers.ts'
import { array, bulk, integer, map, OK, type Reply, simple } from '../resp/reply.ts'

/** Shows that this is not a build of Redis; the number is the version whose behaviour it follows. */
export const SERVER_VERSION = '7.0.0-growbin-in-process'

function hello({ session, args }: Call): Reply {
  const [version, option] = args
  const protocol =
    version === undefined
      ? session.protocol
      : parseInteger(version, () => new CommandError('ERR Protocol version is not an integer or out of range'))
  if (protocol !== 2 && protocol !== 3) throw new CommandError('NOPROTO unsupported protocol version')
  if (option !== undefined) throw new CommandError(`ERR Syntax error in HELLO option '${option}'`)
  session.protocol = protocol
  return map([
    ...[bulk('server'), bulk('redis')],
    ...[bulk('version'), bulk(SERVER_VERSION)],
    ...[bulk('proto'), integer(protocol)],
    ...[bulk('id'), integer(session.id)],
    ...[bulk('mode'), bulk('standalone')],
    ...[bulk('role'), bulk('master')],
    ...[bulk('modules'), array([])],
  ])
}

/** Only what ioredis sends about itself when it connects; it is not kept. */
function client({ args }: Call): Reply {
  const [word = '', ...rest] = args
  const subcommand = word.toLowerCase()
  if (subcommand !== 'setinfo' && subcommand !== 'setname')
    throw new CommandError(`ERR unknown subcommand '${word}'. Try CLIENT HELP.`)
  if (rest.length !== (subcommand === 'setinfo' ? 2 : 1)) throw wrongArity(`client|${subcommand}`)
  return OK
}

function select({ args, session, engine }: Call): Reply {
  const index = parseInteger(args[0] ?? '')
  if (!engine.databases[index]) throw new CommandError('ERR DB index is out of range')
  session.database = index
  return OK
}

function ping(call: Call): Reply {
  const [message, ...more] = call.args
  if (more.length > 0) throw wrongArity('ping')
  const subscribed = call.session.channels.size + call.session.patterns.size > 0
  // A subscribed RESP2 client can only read arrays, so PING answers with one.
  if (subscribed && call.session.protocol === 2) return array([bulk('pong'), bulk(message ?? '')])
  return message === undefined ? simple('PONG') : bulk(message)
}

export const connectionCommands: readonly Command[] = [
  command('ping', -1, [], ping),
  command('hello', -1, ['immediate'], hello),
  command('select', 2, [], select),
  command('client', -2, [], client),
  command('quit', -1, ['immediate'], ({ session }) => {
    session.end()
    return OK
  }),
]
