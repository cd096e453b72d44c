import { notAnInteger } from './command-error.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

export const fitsInt64 = (value: bigint): boolean => value >= INT64_MIN && value <= INT64_MAX

/** Reads a signed 64-bit integer as Redis does: no sign "+", no leading zero, no blank. */
export function parseInt64(text: string, failure: () => Error = notAnInteger): bigint {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) throw failure()
  const value = BigInt(text)
  if (!fitsInt64(value)) throw failure()
  return value
}

/** Reads a 64-bit integer for a position, count or time; beyond 2^53 it is rounded, which no caller can observe. */
export const parseInteger = (text: string, failure?: () => Error): number => Number(parseInt64(text, failure))
