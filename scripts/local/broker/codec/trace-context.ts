const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** W3C Trace Context, 3.2, as the original reads it: any version with four fields. Undefined for anything else. */
export function validTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined
}
