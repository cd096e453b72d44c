import { type Call, type Command, command, findValue, GROW, READ, WRITE } from '../command.ts'
import { array, bulks, integer, type Reply, set } from '../reply.ts'

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

const combine = (join: (one: Set<string>, other: Set<string>) => Set<string>) => (call: Call) =>
  set(bulks(call.args.map((key) => membersOf(call, key)).reduce(join)))

export const setCommands: readonly Command[] = [
  command('sadd', -3, GROW, addMembers),
  command('srem', -3, WRITE, removeMembers),
  command('smembers', 2, READ, (call) => set(bulks(membersOf(call)))),
  command('sismember', 3, READ, (call) => integer(membersOf(call).has(call.args[1] ?? '') ? 1 : 0)),
  command('smismember', -3, READ, (call) => {
    const members = membersOf(call)
    return array(call.args.slice(1).map((name) => integer(members.has(name) ? 1 : 0)))
  }),
  command('scard', 2, READ, (call) => integer(membersOf(call).size)),
  command(
    'sunion',
    -2,
    READ,
    combine((one, other) => one.union(other)),
  ),
  command(
    'sinter',
    -2,
    READ,
    combine((one, other) => one.intersection(other)),
  ),
  command(
    'sdiff',
    -2,
    READ,
    combine((one, other) => one.difference(other)),
  ),
]
