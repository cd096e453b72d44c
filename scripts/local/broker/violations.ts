/** A way in which the RabbitMQ broker loses an event without an error. */
export type ViolationKind =
  | 'refusal_acknowledged'
  | 'no_dead_letter_sink'
  | 'unroutable'
  | 'dead_letter_sink_failed'
  | 'dead_letter_not_stored'
  | 'unreadable_message'
  | 'reply_refused'
  | 'reply_lost'
  | 'redirected_without_body'

export type Violation = {
  kind: ViolationKind
  broker: string
  /** Trigger or dead letter dispatcher; absent for an unroutable event. */
  dispatcher?: string
  eventId?: string
  eventType?: string
  /** HTTP status, or -1 when there was no answer. */
  code?: number
  reason?: string
}

export type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>

const violationsMax = 1000

/** Collects violations when `strict`; the newest 1000 are kept. */
export function createViolations(strict: boolean, log: Log) {
  const kept: Violation[] = []
  return {
    record(violation: Violation) {
      if (!strict) return
      if (kept.length === violationsMax) kept.shift()
      kept.push(violation)
      log.error(violation, 'An event was lost, as the RabbitMQ broker would lose it')
    },
    list: (): Violation[] => [...kept],
  }
}

export type Violations = ReturnType<typeof createViolations>

/** Prints warnings and errors as JSON lines on standard error. */
export function createConsoleLog(): Log {
  const print = (level: string) => (fields: object, message: string) =>
    console.error(JSON.stringify({ level, message, ...fields }))
  return { info: () => undefined, warn: print('warn'), error: print('error') }
}
