import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { continueTrace, traceIdOf } from '../../_lib/events/trace.ts'
import { notFound, ProblemError, type Text } from '../../_lib/http/errors.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { type DeadLetterRow, traceIdIn } from './dead-letter-row.ts'
import type { InReplay } from './dead-letters.pg.ts'
import { originalEvent, type Unreplayable } from './original-event.ts'
import type { ReplayByFilter } from './request-schemas.ts'

export type ReplayDeps = { inReplay: InReplay; log: Logger }

/** `trace_id` is the trace of the event; null when it was not sent and had none. */
export type Replayed = { replayed: boolean; trace_id: string | null }

const refusals = {
  dead_letter_rejected: {
    ko: '소비자가 거부한 이벤트라서 다시 보내도 거부됩니다.',
    en: 'The consumer rejected this event, and would reject it again.',
  },
  dead_letter_malformed: {
    ko: '온전한 이벤트가 들어 있지 않아 다시 보낼 수 없습니다.',
    en: 'There is no whole event inside that could be sent again.',
  },
  dead_letter_unverified: {
    ko: '서명이 확인되지 않은 이벤트라서 다시 보내지 않습니다.',
    en: 'The event came without a valid signature, so nobody may have sent it.',
  },
  dead_letter_unroutable: {
    ko: '큐 이름이 없는 이벤트라서 보낼 곳이 없습니다.',
    en: 'The event names no queue, so no consumer would get it.',
  },
} as const satisfies Record<Unreplayable, Text>

const refuse = (reason: Unreplayable) => new ProblemError('conflict', { reason, detail: refusals[reason] })

/** Publishes the event of one dead letter again, through the outbox. One that is no longer open is left unchanged unless `force`. */
export async function replay(
  deps: ReplayDeps,
  input: { deadLetterId: string; operator: string; force: boolean },
): Promise<Replayed> {
  const { deadLetter, traceparent } = await deps.inReplay(async ({ lockDeadLetter, replay: write }) => {
    const deadLetter = await lockDeadLetter(input.deadLetterId)
    if (!deadLetter) throw notFound()
    const event = originalEvent(deadLetter)
    if (typeof event === 'string') throw refuse(event)
    if (deadLetter.state === 'discarded' && !input.force) {
      throw new ProblemError('conflict', {
        reason: 'dead_letter_discarded',
        detail: { ko: '이미 버린 항목입니다.', en: 'It was discarded. Force the replay to publish it anyway.' },
      })
    }
    if (deadLetter.state === 'closed' && !input.force) {
      throw new ProblemError('conflict', {
        reason: 'dead_letter_closed',
        detail: {
          ko: '이 이벤트의 작업은 이미 끝났습니다.',
          en: 'The work of this event has ended. Force the replay to publish it anyway.',
        },
      })
    }
    if (deadLetter.state === 'replayed' && !input.force) return { deadLetter, traceparent: undefined }
    const traceparent = traceOf(deadLetter)
    await write([{ deadLetterId: deadLetter.dead_letter_id, event: inTrace(event, traceparent) }], input.operator)
    return { deadLetter, traceparent }
  })
  if (traceparent === undefined) return { replayed: false, trace_id: traceIdIn(deadLetter.traceparent) }
  logReplay(deps, deadLetter, input.operator, traceparent)
  return { replayed: true, trace_id: traceIdOf(traceparent) }
}

export type ReplayReport = {
  dry_run: boolean
  matched: number
  replayed: number
  /** Number of dead letters that cannot be replayed, by reason. */
  refused: Partial<Record<Unreplayable, number>>
  next_cursor: string | undefined
}

/** Bodies of at most 64 KiB each: 6 MiB in a batch. */
const batchSize = 100

/** Publishes the events of open dead letters again, oldest first, in transactions of 100. */
export async function replayByFilter(
  deps: ReplayDeps,
  input: ReplayByFilter & { operator: string },
): Promise<ReplayReport> {
  const report: ReplayReport = {
    dry_run: input.dry_run,
    matched: 0,
    replayed: 0,
    refused: {},
    next_cursor: input.cursor,
  }
  while (report.matched < input.limit) {
    const wanted = Math.min(batchSize, input.limit - report.matched)
    const found = await replayBatch(deps, input, report, wanted)
    if (found < wanted) return { ...report, next_cursor: undefined }
  }
  return report
}

async function replayBatch(
  deps: ReplayDeps,
  input: ReplayByFilter & { operator: string },
  report: ReplayReport,
  wanted: number,
): Promise<number> {
  const logged: [DeadLetterRow, string][] = []
  const deadLetters = await deps.inReplay(async ({ lockOpenDeadLetters, replay: write }) => {
    const locked = await lockOpenDeadLetters(input.filter, report.next_cursor, wanted)
    const replayed: { deadLetterId: string; event: JsonCloudEvent }[] = []
    for (const deadLetter of locked) {
      const event = originalEvent(deadLetter)
      if (typeof event === 'string') {
        report.refused[event] = (report.refused[event] ?? 0) + 1
        continue
      }
      const traceparent = traceOf(deadLetter)
      replayed.push({ deadLetterId: deadLetter.dead_letter_id, event: inTrace(event, traceparent) })
      logged.push([deadLetter, traceparent])
    }
    if (!input.dry_run && replayed.length > 0) await write(replayed, input.operator)
    return locked
  })
  if (!input.dry_run) {
    for (const [deadLetter, traceparent] of logged) logReplay(deps, deadLetter, input.operator, traceparent)
  }
  report.matched += deadLetters.length
  report.replayed += logged.length
  report.next_cursor = deadLetters.at(-1)?.dead_letter_id ?? report.next_cursor
  return deadLetters.length
}

/** A replay is a new span of the trace in which the event failed. */
const traceOf = ({ traceparent }: DeadLetterRow) => continueTrace(traceparent ?? undefined)

const inTrace = (event: JsonCloudEvent, traceparent: string): JsonCloudEvent => ({
  ...event,
  extensions: { ...event.extensions, traceparent },
})

/** The `trace_id` of the line is that of the operator's request, so the trace of the event has a field of its own. */
function logReplay({ log }: ReplayDeps, deadLetter: DeadLetterRow, operator: string, traceparent: string): void {
  log.info('A dead letter was replayed', {
    dead_letter_id: deadLetter.dead_letter_id,
    event_id: deadLetter.event_id,
    event_type: deadLetter.event_type,
    operator,
    replayed_trace_id: traceIdOf(traceparent),
  })
}
