import { type Call, type Command, command } from '../command.ts'
import { type Reply, verbatim } from '../resp/reply.ts'
import { SERVER_VERSION } from './connection.ts'

function sections({ engine }: Call): Record<string, Record<string, string | number>> {
  const used = [...engine.databases.entries()].filter(([, database]) => database.size() > 0)
  return {
    Server: { redis_version: SERVER_VERSION, redis_mode: 'standalone', tcp_port: engine.port() },
    Clients: { connected_clients: engine.sessionCount() },
    Memory: { used_memory: engine.usedBytes(), maxmemory: engine.sizeBytesMax },
    // Until this is 0 a client waits.
    Persistence: { loading: 0 },
    Stats: { total_commands_processed: engine.processedCommands() },
    Keyspace: Object.fromEntries(used.map(([index, database]) => [`db${index}`, `keys=${database.size()}`])),
  }
}

function describeServer(call: Call): Reply {
  const wanted = new Set(call.args.map((name) => name.toLowerCase()))
  const text = Object.entries(sections(call))
    .filter(([name]) => wanted.size === 0 || wanted.has(name.toLowerCase()))
    .map(([name, lines]) => {
      const rows = Object.entries(lines).map(([field, value]) => `${field}:${value}\r\n`)
      return `# ${name}\r\n${rows.join('')}`
    })
    .join('\r\n')
  return verbatim(text)
}

export const serverCommands: readonly Command[] = [command('info', -1, [], describeServer)]
