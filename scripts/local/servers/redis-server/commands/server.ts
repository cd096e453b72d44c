import { type Call, type Command, command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { createGlobMatcher } from '../match-glob.ts'
import { array, bulk, integer, map, NULL, type Reply, simple, verbatim } from '../reply.ts'
import { SERVER_VERSION } from './server-version.ts'

function sections(call: Call): Record<string, Record<string, string | number>> {
  const { engine } = call
  const uptimeMs = engine.now() - engine.startedAtMs
  const keyspace: Record<string, string> = {}
  for (const [index, database] of engine.databases.entries()) {
    if (database.size() > 0)
      keyspace[`db${index}`] = `keys=${database.size()},expires=${database.volatileSize()},avg_ttl=0`
  }
  return {
    Server: {
      redis_version: SERVER_VERSION,
      redis_mode: 'standalone',
      process_id: process.pid,
      tcp_port: engine.port(),
      uptime_in_seconds: Math.floor(uptimeMs / 1000),
    },
    Clients: { connected_clients: engine.sessions.size },
    Memory: {
      used_memory: engine.usedBytes(),
      maxmemory: engine.sizeBytesMax,
      maxmemory_policy: 'volatile-lru-then-allkeys-lru',
    },
    Persistence: { loading: 0 },
    Stats: { total_commands_processed: engine.processedCommands(), evicted_keys: engine.evictedKeys() },
    Replication: { role: 'master', connected_slaves: 0 },
    Keyspace: keyspace,
  }
}

function describeServer(call: Call): Reply {
  const wanted = new Set(call.args.map((name) => name.toLowerCase()))
  const all = wanted.size === 0 || ['all', 'default', 'everything'].some((name) => wanted.has(name))
  const text = Object.entries(sections(call))
    .filter(([name]) => all || wanted.has(name.toLowerCase()))
    .map(([name, lines]) => {
      const rows = Object.entries(lines).map(([field, value]) => `${field}:${value}\r\n`)
      return `# ${name}\r\n${rows.join('')}`
    })
    .join('\r\n')
  return verbatim(text)
}

const describeCommand = ({ name, arity, flags }: Command): Reply =>
  array([bulk(name), integer(arity), array(flags.map(simple))])

function listCommands({ args, engine }: Call): Reply {
  const [subcommand, ...names] = args
  if (subcommand === undefined) return array([...engine.commands.values()].map(describeCommand))
  if (/^count$/i.test(subcommand)) return integer(engine.commands.size)
  if (/^docs$/i.test(subcommand)) return map([])
  if (/^info$/i.test(subcommand))
    return array(
      names.map((name) => {
        const found = engine.commands.get(name.toLowerCase())
        return found ? describeCommand(found) : NULL
      }),
    )
  throw new CommandError(`ERR unknown subcommand '${subcommand}'. Try COMMAND HELP.`)
}

function configure({ args, engine }: Call): Reply {
  const [subcommand = '', ...patterns] = args
  if (!/^get$/i.test(subcommand)) throw new CommandError(`ERR unknown subcommand '${subcommand}'. Try CONFIG HELP.`)
  if (patterns.length === 0) throw new CommandError("ERR wrong number of arguments for 'config|get' command")
  const parameters = {
    maxmemory: String(engine.sizeBytesMax),
    'maxmemory-policy': 'volatile-lru',
    databases: String(engine.databases.length),
    save: '',
    appendonly: 'no',
    'notify-keyspace-events': '',
  }
  const matchers = patterns.map((pattern) => createGlobMatcher(pattern.toLowerCase()))
  const found = Object.entries(parameters).filter(([name]) => matchers.some((matches) => matches(name)))
  return map(found.flat().map(bulk))
}

export const serverCommands: readonly Command[] = [
  command('info', -1, [], describeServer),
  command('command', -1, [], listCommands),
  command('config', -2, [], configure),
  command('time', 1, ['fast'], ({ engine }) => {
    const nowMs = engine.now()
    return array([bulk(String(Math.floor(nowMs / 1000))), bulk(String(Math.floor((nowMs % 1000) * 1000)))])
  }),
]
