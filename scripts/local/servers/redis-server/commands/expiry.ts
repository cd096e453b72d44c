import { type Call, type Command, command } from '../command.ts'
import { CommandError, invalidExpireTime } from '../command-error.ts'
import { fitsInt64, parseInt64 } from '../numbers.ts'
import { integer, type Reply } from '../resp/reply.ts'

/** Seconds or milliseconds from now. */
export type ExpiryUnit = 'EX' | 'PX'

/** Milliseconds since 1970; a number beyond 64 bits is refused. */
export function toAbsoluteMs(call: Call, unit: ExpiryUnit, amount: bigint): number {
  const ms = unit === 'EX' ? amount * 1000n : amount
  const absoluteMs = ms + BigInt(Math.trunc(call.engine.now()))
  if (!fitsInt64(ms) || !fitsInt64(absoluteMs)) throw invalidExpireTime(call.name)
  return Number(absoluteMs)
}

function expire(unit: ExpiryUnit) {
  return (call: Call): Reply => {
    const [key = '', amount = '', condition, ...more] = call.args
    const onlyWithout = condition?.toUpperCase() === 'NX'
    if ((condition !== undefined && !onlyWithout) || more.length > 0)
      throw new CommandError(`ERR Unsupported option ${onlyWithout ? more[0] : condition}`)
    const expiresAtMs = toAbsoluteMs(call, unit, parseInt64(amount))
    const entry = call.keyspace.find(key)
    if (!entry || (onlyWithout && entry.expiresAtMs !== undefined)) return integer(0)
    call.keyspace.setExpiry(key, expiresAtMs)
    return integer(1)
  }
}

/** -2 without the key, -1 without an expiry. */
function timeLeft(convert: (leftMs: number) => number) {
  return (call: Call): Reply => {
    const entry = call.keyspace.peek(call.args[0] ?? '')
    if (!entry) return integer(-2)
    return integer(entry.expiresAtMs === undefined ? -1 : convert(entry.expiresAtMs - call.engine.now()))
  }
}

export const expiryCommands: readonly Command[] = [
  command('expire', -3, [], expire('EX')),
  command('pexpire', -3, [], expire('PX')),
  command(
    'ttl',
    2,
    [],
    timeLeft((leftMs) => Math.floor((leftMs + 500) / 1000)),
  ),
  command('pttl', 2, [], timeLeft(Math.ceil)),
]
