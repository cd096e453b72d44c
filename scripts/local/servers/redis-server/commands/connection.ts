import { type Call, type Command, command } from '../command.ts'
import { CommandError, syntaxError, wrongArity } from '../command-error.ts'
import { parseInteger } from '../numbers.ts'
import { array, bulk, bulkOrNull, integer, map, NULL, OK, type Reply, simple, verbatim } from '../reply.ts'
import type { Session } from '../session.ts'
import { SERVER_VERSION } from './server-version.ts'

const invalidName = () => new CommandError('ERR Client names cannot contain spaces, newlines or special characters.')

function setName(session: Session, name: string) {
  if (!/^[!-~]*$/.test(name)) throw invalidName()
  session.name = name
}

function authenticate({ engine, session }: Call, user: string, password: string) {
  if (engine.password !== undefined && (user !== 'default' || password !== engine.password))
    throw new CommandError('WRONGPASS invalid username-password pair or user is disabled.')
  session.authenticated = true
}

function auth(call: Call): Reply {
  const [first = '', second, ...more] = call.args
  if (more.length > 0) throw syntaxError()
  if (second === undefined && call.engine.password === undefined)
    throw new CommandError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    )
  if (second === undefined) authenticate(call, 'default', first)
  else authenticate(call, first, second)
  return OK
}

function hello(call: Call): Reply {
  const { session, engine, args } = call
  const [version, ...options] = args
  const protocol =
    version === undefined
      ? session.protocol
      : parseInteger(version, () => new CommandError('ERR Protocol version is not an integer or out of range'))
  if (protocol !== 2 && protocol !== 3) throw new CommandError('NOPROTO unsupported protocol version')
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at]?.toUpperCase()
    if (option === 'AUTH' && at + 2 < options.length) {
      authenticate(call, options[at + 1] ?? '', options[at + 2] ?? '')
      at += 2
    } else if (option === 'SETNAME' && at + 1 < options.length) {
      setName(session, options[at + 1] ?? '')
      at += 1
    } else throw new CommandError(`ERR Syntax error in HELLO option '${options[at]}'`)
  }
  if (engine.password !== undefined && !session.authenticated)
    throw new CommandError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    )
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

const describe = (session: Session) =>
  `id=${session.id} addr=${session.address} name=${session.name} db=${session.database}` +
  ` sub=${session.channels.size} psub=${session.patterns.size} multi=${session.queued?.length ?? -1}` +
  ` lib-name=${session.library.name} lib-ver=${session.library.version} resp=${session.protocol}`

function setLibrary(session: Session, attribute: string, value: string): Reply {
  if (/^lib-name$/i.test(attribute)) session.library.name = value
  else if (/^lib-ver$/i.test(attribute)) session.library.version = value
  else throw new CommandError(`ERR Unrecognized option '${attribute}'`)
  return OK
}

function client({ args, session, engine }: Call): Reply {
  const [word = '', ...rest] = args
  const subcommand = word.toLowerCase()
  const expect = (count: number) => {
    if (rest.length !== count) throw wrongArity(`client|${subcommand}`)
  }
  switch (subcommand) {
    case 'id':
      expect(0)
      return integer(session.id)
    case 'getname':
      expect(0)
      return session.name === '' ? NULL : bulkOrNull(session.name)
    case 'setname':
      expect(1)
      setName(session, rest[0] ?? '')
      return OK
    case 'setinfo':
      expect(2)
      return setLibrary(session, rest[0] ?? '', rest[1] ?? '')
    case 'info':
      expect(0)
      return verbatim(`${describe(session)}\n`)
    case 'list':
      return verbatim([...engine.sessions].map((other) => `${describe(other)}\n`).join(''))
    case 'no-evict':
    case 'no-touch':
      expect(1)
      return OK
    default:
      throw new CommandError(`ERR unknown subcommand '${word}'. Try CLIENT HELP.`)
  }
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
  command('ping', -1, ['fast'], ping),
  command('echo', 2, ['fast'], ({ args }) => bulk(args[0] ?? '')),
  command('hello', -1, ['fast', 'noauth', 'immediate'], hello),
  command('auth', -2, ['fast', 'noauth', 'immediate'], auth),
  command('select', 2, ['fast'], select),
  command('client', -2, [], client),
  command('quit', -1, ['fast', 'noauth', 'immediate'], ({ session }) => {
    session.end()
    return OK
  }),
  command('reset', 1, ['fast', 'noauth', 'immediate'], ({ session, engine }) => {
    engine.watches.unwatchAll(session)
    engine.subscriptions.removeSession(session)
    Object.assign(session, { queued: undefined, queueFailed: false, database: 0, name: '', protocol: 2 })
    session.authenticated = false
    return simple('RESET')
  }),
]
