import { type Call, type Command, command, READ, WRITE } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { parseInt64 } from '../numbers.ts'
import { integer, type Reply } from '../reply.ts'
import { type ExpiryUnit, toAbsoluteMs } from './expiry-time.ts'

type Condition = 'NX' | 'XX' | 'GT' | 'LT'

function readConditions(words: readonly string[]): Set<Condition> {
  const conditions = new Set<Condition>()
  for (const word of words) {
    const condition = word.toUpperCase()
    if (condition !== 'NX' && condition !== 'XX' && condition !== 'GT' && condition !== 'LT')
      throw new CommandError(`ERR Unsupported option ${word}`)
    conditions.add(condition)
  }
  if (conditions.has('NX') && conditions.size > 1)
    throw new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible')
  if (conditions.has('GT') && conditions.has('LT'))
    throw new CommandError('ERR GT and LT options at the same time are not compatible')
  return conditions
}

/** A key without expiry counts as one that expires after everything else. */
function isAllowed(conditions: ReadonlySet<Condition>, currentMs: number | undefined, wantedMs: number): boolean {
  if (conditions.has('NX') && currentMs !== undefined) return false
  if (conditions.has('XX') && currentMs === undefined) return false
  if (conditions.has('GT') && wantedMs <= (currentMs ?? Number.POSITIVE_INFINITY)) return false
  return !(conditions.has('LT') && wantedMs >= (currentMs ?? Number.POSITIVE_INFINITY))
}

function expire(unit: ExpiryUnit) {
  return (call: Call): Reply => {
    const [key = '', amount = '', ...words] = call.args
    const conditions = readConditions(words)
    const expiresAtMs = toAbsoluteMs(call, unit, parseInt64(amount))
    const entry = call.keyspace.find(key)
    if (!entry || !isAllowed(conditions, entry.expiresAtMs, expiresAtMs)) return integer(0)
    call.keyspace.setExpiry(key, expiresAtMs)
    return integer(1)
  }
}

/** -2 without the key, -1 without an expiry. */
function timeLeft(convert: (expiresAtMs: number, nowMs: number) => number) {
  return (call: Call): Reply => {
    const entry = call.keyspace.peek(call.args[0] ?? '')
    if (!entry) return integer(-2)
    return integer(entry.expiresAtMs === undefined ? -1 : convert(entry.expiresAtMs, call.engine.now()))
  }
}

export const expiryCommands: readonly Command[] = [
  command('expire', -3, WRITE, expire('EX')),
  command('pexpire', -3, WRITE, expire('PX')),
  command('expireat', -3, WRITE, expire('EXAT')),
  command('pexpireat', -3, WRITE, expire('PXAT')),
  command(
    'ttl',
    2,
    READ,
    timeLeft((at, now) => Math.floor((at - now + 500) / 1000)),
  ),
  command(
    'pttl',
    2,
    READ,
    timeLeft((at, now) => Math.ceil(at - now)),
  ),
  command(
    'expiretime',
    2,
    READ,
    timeLeft((at) => Math.floor((at + 500) / 1000)),
  ),
  command(
    'pexpiretime',
    2,
    READ,
    timeLeft((at) => at),
  ),
  command('persist', 2, WRITE, (call) => {
    const [key = ''] = call.args
    if (call.keyspace.find(key)?.expiresAtMs === undefined) return integer(0)
    call.keyspace.setExpiry(key, undefined)
    return integer(1)
  }),
]
