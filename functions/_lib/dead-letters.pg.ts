import type { Database } from './database.pg.ts'
import { deadLetters } from './events-schema.ts'
import { createUuidV7 } from './uuid.ts'

export type DeadLetter = {
  consumer: string
  kind: 'rejected' | 'dead_letter'
  reason: string
  /** Whom the dispatcher named; the consumer itself records what it rejects. */
  reportedConsumer?: string | undefined
  headers: Headers
  body: Uint8Array
}

export type RecordDeadLetter = (deadLetter: DeadLetter) => Promise<void>

const bodyBytesMax = 65_536
const keptHeaders = /^(?:ce-|content-type$|content-length$|user-agent$)/

/** The row of a message: without credentials, and cut to 64 KiB. */
export function toDeadLetterRow({ consumer, kind, reason, reportedConsumer, headers, body }: DeadLetter) {
  return {
    deadLetterId: createUuidV7(),
    consumer,
    kind,
    reason,
    eventId: headers.get('ce-id'),
    eventSource: headers.get('ce-source'),
    eventType: headers.get('ce-type'),
    queue: headers.get('ce-queue'),
    reportedConsumer: reportedConsumer ?? null,
    headers: Object.fromEntries([...headers].filter(([name]) => keptHeaders.test(name))),
    body: body.subarray(0, bodyBytesMax),
    traceparent: headers.get('traceparent') ?? headers.get('ce-traceparent'),
  }
}

/** Keeps a message that cannot be handled, so that nothing is acknowledged without a trace. */
export function createDeadLetterRecorder(database: Database): RecordDeadLetter {
  return async (deadLetter) => {
    await database.run((db) => db.insert(deadLetters).values(toDeadLetterRow(deadLetter)))
  }
}
