import { type Call, type Command, command, findValue, GROW, READ, WRITE } from '../command.ts'
import { CommandError, notAnInteger, syntaxError, wrongArity } from '../command-error.ts'
import { fitsInt64, parseInt64 } from '../numbers.ts'
import { array, bulk, bulkOrNull, integer, NULL, OK, type Reply } from '../reply.ts'
import { type ExpiryUnit, readExpiry } from './expiry-time.ts'

const put = (call: Call, key: string, bytes: string, expiresAtMs?: number) =>
  call.keyspace.put(key, { type: 'string', bytes }, expiresAtMs)

type SetOptions = { condition?: 'NX' | 'XX'; keepTtl?: true; get?: true; expiresAtMs?: number }

function readSetOptions(call: Call, options: readonly string[]): SetOptions {
  const read: SetOptions = {}
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at]?.toUpperCase() ?? ''
    if ((option === 'NX' || option === 'XX') && (!read.condition || read.condition === option)) read.condition = option
    else if (option === 'GET') read.get = true
    else if (option === 'KEEPTTL' && read.expiresAtMs === undefined) read.keepTtl = true
    else if (isExpiryUnit(option) && at + 1 < options.length && !read.keepTtl && read.expiresAtMs === undefined) {
      at += 1
      read.expiresAtMs = readExpiry(call, option, options[at] ?? '')
    } else throw syntaxError()
  }
  return read
}

const isExpiryUnit = (option: string): option is ExpiryUnit => /^(?:EX|PX)(?:AT)?$/.test(option)

function setString(call: Call): Reply {
  const [key = '', bytes = '', ...rest] = call.args
  const options = readSetOptions(call, rest)
  const answer = options.get ? bulkOrNull(findValue(call, key, 'string')?.bytes) : OK
  const old = call.keyspace.find(key)
  if ((options.condition === 'NX' && old) || (options.condition === 'XX' && !old)) return options.get ? answer : NULL
  put(call, key, bytes, options.keepTtl ? old?.expiresAtMs : options.expiresAtMs)
  return answer
}

function getAndExpire(call: Call): Reply {
  const [key = '', option = '', amount, ...more] = call.args
  const unit = option.toUpperCase()
  const isPersist = unit === 'PERSIST' && amount === undefined
  const isTimed = isExpiryUnit(unit) && amount !== undefined && more.length === 0
  if (option !== '' && !isPersist && !isTimed) throw syntaxError()
  const value = findValue(call, key, 'string')
  if (!value) return NULL
  if (isTimed) call.keyspace.setExpiry(key, readExpiry(call, unit, amount))
  if (isPersist) call.keyspace.setExpiry(key, undefined)
  return bulk(value.bytes)
}

function setWithTime(unit: ExpiryUnit) {
  return (call: Call): Reply => {
    const [key = '', amount = '', bytes = ''] = call.args
    put(call, key, bytes, readExpiry(call, unit, amount))
    return OK
  }
}

function setMany(call: Call): Reply {
  if (call.args.length % 2 !== 0) throw wrongArity(call.name)
  for (let at = 0; at < call.args.length; at += 2) put(call, call.args[at] ?? '', call.args[at + 1] ?? '')
  return OK
}

function add(call: Call, key: string, amount: bigint): Reply {
  const sum = parseInt64(findValue(call, key, 'string')?.bytes ?? '0') + amount
  if (!fitsInt64(sum)) throw new CommandError('ERR increment or decrement would overflow')
  put(call, key, String(sum), call.keyspace.peek(key)?.expiresAtMs)
  return integer(sum)
}

const increment = (sign: bigint) => (call: Call) => {
  const [key = '', amount] = call.args
  return add(call, key, sign * (amount === undefined ? 1n : parseInt64(amount, notAnInteger)))
}

function setIfMissing(call: Call): Reply {
  const [key = '', bytes = ''] = call.args
  if (call.keyspace.find(key)) return integer(0)
  put(call, key, bytes)
  return integer(1)
}

function getMany(call: Call): Reply {
  const values = call.args.map((key) => call.keyspace.find(key)?.value)
  return array(values.map((value) => (value?.type === 'string' ? bulk(value.bytes) : NULL)))
}

export const stringCommands: readonly Command[] = [
  command('get', 2, READ, (call) => bulkOrNull(findValue(call, call.args[0] ?? '', 'string')?.bytes)),
  command('set', -3, GROW, setString),
  command('setex', 4, GROW, setWithTime('EX')),
  command('psetex', 4, GROW, setWithTime('PX')),
  command('setnx', 3, GROW, setIfMissing),
  command('getdel', 2, WRITE, (call) => {
    const value = findValue(call, call.args[0] ?? '', 'string')
    if (value) call.keyspace.delete(call.args[0] ?? '')
    return bulkOrNull(value?.bytes)
  }),
  command('getex', -2, WRITE, getAndExpire),
  command('getset', 3, GROW, (call) => {
    const [key = '', bytes = ''] = call.args
    const old = findValue(call, key, 'string')
    put(call, key, bytes)
    return bulkOrNull(old?.bytes)
  }),
  command('append', 3, GROW, (call) => {
    const [key = '', suffix = ''] = call.args
    const bytes = (findValue(call, key, 'string')?.bytes ?? '') + suffix
    put(call, key, bytes, call.keyspace.peek(key)?.expiresAtMs)
    return integer(bytes.length)
  }),
  command('strlen', 2, READ, (call) => integer(findValue(call, call.args[0] ?? '', 'string')?.bytes.length ?? 0)),
  command('mget', -2, READ, getMany),
  command('mset', -3, GROW, setMany),
  command('incr', 2, GROW, increment(1n)),
  command('incrby', 3, GROW, increment(1n)),
  command('decr', 2, GROW, increment(-1n)),
  command('decrby', 3, GROW, increment(-1n)),
]
