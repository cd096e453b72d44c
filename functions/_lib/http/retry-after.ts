/** Longer pauses are cut to this, so that a wrong header cannot stop all calls of a service. */
const secondsMax = 3_600

/**
 * The seconds of a `Retry-After` header, which is a number or a date (RFC 9110, 10.2.3): 1 to 3600, or undefined without a valid header.
 * A date is compared with the `Date` of the same response, since clocks differ; without one with `nowMs`, milliseconds since 1970.
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
