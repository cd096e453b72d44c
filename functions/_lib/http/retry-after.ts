/** Longer pauses than this are cut: a wrong header must not close a service for good. */
const secondsMax = 3_600

/**
 * Seconds of a `Retry-After` header, which is a number or a date (RFC 9110, 10.2.3); at least 1. Undefined when there is none, or
 * none that can be read. A date is measured against the `Date` of the same answer, since two clocks may differ.
 */
export function readRetryAfterSeconds(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d{1,10}$/.test(text)) return bound(Number(text))
  const untilMs = Date.parse(text)
  if (!/^[A-Za-z]{3}/.test(text) || Number.isNaN(untilMs)) return undefined
  const answeredMs = Date.parse(headers.get('date') ?? '')
  return bound((untilMs - (Number.isNaN(answeredMs) ? nowMs : answeredMs)) / 1000)
}

const bound = (seconds: number) => Math.min(secondsMax, Math.max(1, Math.ceil(seconds)))
