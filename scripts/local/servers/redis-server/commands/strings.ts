import { type Call, type Command, command, findValue, GROW } from '../command.ts'
import { CommandError, invalidExpireTime, syntaxError } from '../command-error.ts'
import { fitsInt64, parseInt64 } from '../numbers.ts'
import { array, bulk, bulkOrNull, integer, NULL, OK, type Reply } from '../resp/reply.ts'
import { type ExpiryUnit, toAbsoluteMs } from './expiry.ts'

const put = (call: Call, key: string, bytes: string, expiresAtMs?: number) =>
  call.keyspace.put(key, { type: 'string', bytes }, expiresAtMs)

function readSetOptions(call: Call, options: readonly string[]) {
  const read = { onlyMissing: false, expiresAtMs: undefined as number | undefined }
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at]?.toUpperCase() ?? ''
    if (option === 'NX') read.onlyMissing = true
    else if (isExpiryUnit(option) && at + 1 < options.length && read.expiresAtMs === undefined) {
      at += 1
      const amount = parseInt64(options[at] ?? '')
      if (amount <= 0n) throw invalidExpireTime(call.name)
      read.expiresAtMs = toAbsoluteMs(call, option, amount)
    } else throw syntaxError()
  }
  return read
}

const isExpiryUnit = (option: string): option is ExpiryUnit => option === 'EX' || option === 'PX'

function setString(call: Call): Reply {
  const [key = '', bytes = '', ...rest] = call.args
  const { onlyMissing, expiresAtMs } = readSetOptions(call, rest)
  if (onlyMissing && call.keyspace.find(key)) return NULL
  put(call, key, bytes, expiresAtMs)
  return OK
}

function increment(call: Call): Reply {
  const [key = ''] = call.args
  const sum = parseInt64(findValue(call, key, 'string')?.bytes ?? '0') + 1n
  if (!fitsInt64(sum)) throw new CommandError('ERR increment or decrement would overflow')
  put(call, key, String(sum), call.keyspace.peek(key)?.expiresAtMs)
  return integer(sum)
}

function getMany(call: Call): Reply {
  const values = call.args.map((key) => call.keyspace.find(key)?.value)
  return array(values.map((value) => (value?.type === 'string' ? bulk(value.bytes) : NULL)))
}

export const stringCommands: readonly Command[] = [
  command('get', 2, [], (call) => bulkOrNull(findValue(call, call.args[0] ?? '', 'string')?.bytes)),
  command('set', -3, GROW, setString),
  command('mget', -2, [], getMany),
  command('incr', 2, GROW, increment),
]
