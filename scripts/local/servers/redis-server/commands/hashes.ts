import { type Call, type Command, command, findValue, GROW, READ, WRITE } from '../command.ts'
import { CommandError, wrongArity } from '../command-error.ts'
import { fitsInt64, parseInt64 } from '../numbers.ts'
import { array, bulk, bulkOrNull, bulks, integer, map, OK, type Reply } from '../reply.ts'

const fieldsOf = (call: Call) => findValue(call, call.args[0] ?? '', 'hash')?.fields ?? new Map<string, string>()

/** Writes fields and returns how many are new. */
function putFields(call: Call, pairs: readonly string[]): number {
  const [key = ''] = call.args
  const fields = fieldsOf(call)
  const before = fields.size
  for (let at = 0; at < pairs.length; at += 2) fields.set(pairs[at] ?? '', pairs[at + 1] ?? '')
  if (before === 0) call.keyspace.put(key, { type: 'hash', fields })
  else call.keyspace.resized(key)
  return fields.size - before
}

function setFields(answer: (added: number) => Reply) {
  return (call: Call): Reply => {
    const pairs = call.args.slice(1)
    if (pairs.length % 2 !== 0) throw wrongArity(call.name)
    return answer(putFields(call, pairs))
  }
}

function setFieldIfMissing(call: Call): Reply {
  if (fieldsOf(call).has(call.args[1] ?? '')) return integer(0)
  return integer(putFields(call, call.args.slice(1)))
}

function deleteFields(call: Call): Reply {
  const [key = '', ...names] = call.args
  const fields = fieldsOf(call)
  const removed = names.filter((name) => fields.delete(name)).length
  if (removed > 0) call.keyspace.resized(key)
  return integer(removed)
}

function incrementField(call: Call): Reply {
  const [, field = '', amount = ''] = call.args
  const increment = parseInt64(amount)
  const current = fieldsOf(call).get(field) ?? '0'
  const sum = parseInt64(current, () => new CommandError('ERR hash value is not an integer')) + increment
  if (!fitsInt64(sum)) throw new CommandError('ERR increment or decrement would overflow')
  putFields(call, [field, String(sum)])
  return integer(sum)
}

export const hashCommands: readonly Command[] = [
  command('hset', -4, GROW, setFields(integer)),
  command(
    'hmset',
    -4,
    GROW,
    setFields(() => OK),
  ),
  command('hsetnx', 4, GROW, setFieldIfMissing),
  command('hget', 3, READ, (call) => bulkOrNull(fieldsOf(call).get(call.args[1] ?? ''))),
  command('hmget', -3, READ, (call) => {
    const fields = fieldsOf(call)
    return array(call.args.slice(1).map((name) => bulkOrNull(fields.get(name))))
  }),
  command('hgetall', 2, READ, (call) => map([...fieldsOf(call)].flatMap(([name, value]) => [bulk(name), bulk(value)]))),
  command('hkeys', 2, READ, (call) => array(bulks(fieldsOf(call).keys()))),
  command('hvals', 2, READ, (call) => array(bulks(fieldsOf(call).values()))),
  command('hdel', -3, WRITE, deleteFields),
  command('hincrby', 4, GROW, incrementField),
  command('hexists', 3, READ, (call) => integer(fieldsOf(call).has(call.args[1] ?? '') ? 1 : 0)),
  command('hlen', 2, READ, (call) => integer(fieldsOf(call).size)),
]
