import type { Call } from '../command.ts'
import { invalidExpireTime } from '../command-error.ts'
import { fitsInt64, parseInt64 } from '../numbers.ts'

/** Seconds or milliseconds from now (EX, PX) or since 1970 (EXAT, PXAT). */
export type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT'

/** Reads an absolute expiry time for a command that refuses zero and negative amounts. */
export function readExpiry(call: Call, unit: ExpiryUnit, amount: string): number {
  const value = parseInt64(amount)
  if (value <= 0n) throw invalidExpireTime(call.name)
  return toAbsoluteMs(call, unit, value)
}

/** Milliseconds since 1970; what does not fit in 64 bits is refused. */
export function toAbsoluteMs(call: Call, unit: ExpiryUnit, value: bigint): number {
  const ms = unit.startsWith('EX') ? value * 1000n : value
  const absoluteMs = unit.endsWith('AT') ? ms : ms + BigInt(Math.trunc(call.engine.now()))
  if (!fitsInt64(ms) || !fitsInt64(absoluteMs)) throw invalidExpireTime(call.name)
  return Number(absoluteMs)
}
