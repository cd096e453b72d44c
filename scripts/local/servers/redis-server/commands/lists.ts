import { type Call, type Command, command, findValue, GROW, READ, WRITE } from '../command.ts'
import { CommandError, wrongArity } from '../command-error.ts'
import { parseInteger } from '../numbers.ts'
import { array, bulkOrNull, bulks, integer, NULL, NULL_ARRAY, OK, type Reply } from '../reply.ts'

const outOfRange = () => new CommandError('ERR value is out of range, must be positive')
const itemsOf = (call: Call) => findValue(call, call.args[0] ?? '', 'list')?.items

function pushItems(end: 'left' | 'right') {
  return (call: Call): Reply => {
    const [key = '', ...added] = call.args
    const items = itemsOf(call)
    const list = items ?? []
    for (const item of added) end === 'left' ? list.unshift(item) : list.push(item)
    if (items) call.keyspace.resized(key)
    else call.keyspace.put(key, { type: 'list', items: list })
    return integer(list.length)
  }
}

function popItems(end: 'left' | 'right') {
  return (call: Call): Reply => {
    const [key = '', amount, ...more] = call.args
    if (more.length > 0) throw wrongArity(call.name)
    const count = amount === undefined ? 1 : parseInteger(amount, outOfRange)
    if (count < 0) throw outOfRange()
    const items = itemsOf(call)
    if (!items) return amount === undefined ? NULL : NULL_ARRAY
    const popped = end === 'left' ? items.splice(0, count) : items.splice(Math.max(items.length - count, 0)).reverse()
    if (popped.length > 0) call.keyspace.resized(key)
    return amount === undefined ? bulkOrNull(popped[0]) : array(bulks(popped))
  }
}

/** Turns the inclusive ends of a range, negative ones counted from the back, into those of `slice`. */
export function toSlice(start: number, stop: number, length: number): [start: number, end: number] {
  const from = Math.max(start < 0 ? length + start : start, 0)
  const to = Math.min(stop < 0 ? length + stop : stop, length - 1)
  return from > to ? [0, 0] : [from, to + 1]
}

function range(call: Call): Reply {
  const [start, stop] = [parseInteger(call.args[1] ?? ''), parseInteger(call.args[2] ?? '')]
  const items = itemsOf(call) ?? []
  return array(bulks(items.slice(...toSlice(start, stop, items.length))))
}

function trim(call: Call): Reply {
  const [key = ''] = call.args
  const [start, stop] = [parseInteger(call.args[1] ?? ''), parseInteger(call.args[2] ?? '')]
  const items = itemsOf(call)
  if (!items) return OK
  const [from, end] = toSlice(start, stop, items.length)
  items.splice(end)
  items.splice(0, from)
  call.keyspace.resized(key)
  return OK
}

export const listCommands: readonly Command[] = [
  command('lpush', -3, GROW, pushItems('left')),
  command('rpush', -3, GROW, pushItems('right')),
  command('lpop', -2, WRITE, popItems('left')),
  command('rpop', -2, WRITE, popItems('right')),
  command('lrange', 4, READ, range),
  command('llen', 2, READ, (call) => integer(itemsOf(call)?.length ?? 0)),
  command('ltrim', 4, WRITE, trim),
]
