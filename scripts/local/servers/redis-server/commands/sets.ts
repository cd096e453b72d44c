import { type Call, type Command, command, findValue, GROW } from '../command.ts'
import { bulks, integer, type Reply, set } from '../resp/reply.ts'

const membersOf = (call: Call, key = call.args[0] ?? '') => findValue(call, key, 'set')?.members ?? new Set<string>()

function addMembers(call: Call): Reply {
  const [key = '', ...added] = call.args
  const members = membersOf(call)
  const before = members.size
  for (const member of added) members.add(member)
  if (before === 0) call.keyspace.put(key, { type: 'set', members })
  else if (members.size > before) call.keyspace.resized(key)
  return integer(members.size - before)
}

function removeMembers(call: Call): Reply {
  const [key = '', ...names] = call.args
  const members = membersOf(call)
  const removed = names.filter((name) => members.delete(name)).length
  if (removed > 0) call.keyspace.resized(key)
  return integer(removed)
}

export const setCommands: readonly Command[] = [
  command('sadd', -3, GROW, addMembers),
  command('srem', -3, [], removeMembers),
  command('smembers', 2, [], (call) => set(bulks(membersOf(call)))),
  command('sunion', -2, [], (call) =>
    set(bulks(call.args.map((key) => membersOf(call, key)).reduce((one, other) => one.union(other)))),
  ),
]
