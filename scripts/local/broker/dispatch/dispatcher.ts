import { type DecodeDefaults, decodeAmqp, encodeAmqp } from '../codec/amqp-codec.ts'
import type { CloudEvent } from '../codec/cloud-event.ts'
import { claimsCloudEvent, encodeHttp } from '../codec/http-codec.ts'
import type { DispatcherPlan } from '../topology/plan.ts'
import type { Delivery } from '../transport.ts'
import type { ViolationKind, Violations } from '../violations.ts'
import { type Attempt, deliver, isRetryable } from './deliver.ts'
import type { Post, PostOutcome } from './http-post.ts'
import { type Answer, type Reply, readReply } from './read-reply.ts'

/** Final outcomes since the start. */
export type Counts = {
  /** Answered 2xx. */
  delivered: number
  /** Attempts after the first. */
  retried: number
  /** Stored for the dead letter sink. */
  deadLettered: number
  /** Acknowledged and lost: refused with 4xx or 3xx, unreadable, or failed with no dead letter sink. */
  dropped: number
}

export type DispatcherDeps = {
  plan: DispatcherPlan
  /** URL of the sink; travels in `knativeerrordest`. */
  sinkUrl: string
  post: Post
  /** Passes a reply to the ingress of the broker; returns the status that the ingress would answer. */
  acceptReply: (reply: CloudEvent) => Promise<number>
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
  decodeDefaults: DecodeDefaults
  violations: Violations
  /** Aborted when a drain takes too long: deliveries in flight stay unacknowledged. */
  signal: AbortSignal
  /** Aborted when the dispatcher is terminated: requests in flight are cancelled, and count as failed with -1. */
  terminating?: AbortSignal
  /** Whether the connection closes before the dead letter of a cancelled delivery is sent. */
  losesPublish?: () => boolean
  /** The counts to continue. */
  counts?: Counts
}

const newCounts = (): Counts => ({ delivered: 0, retried: 0, deadLettered: 0, dropped: 0 })

/** Handles one message as the dispatcher of the RabbitMQ broker does. */
export function createDispatcher(deps: DispatcherDeps) {
  const { plan, sinkUrl, post, sleep, signal, violations, counts = newCounts() } = deps
  const { terminating = new AbortController().signal, losesPublish = () => false } = deps
  const cancelling = AbortSignal.any([signal, terminating])
  const onRetry = () => {
    counts.retried += 1
  }
  const wantsBody = claimsCloudEvent
  const retrying = { retry: plan.retry, backOff: plan.backOff, sleep, signal, terminating, onRetry }

  function recordLoss(kind: ViolationKind, event?: CloudEvent, attempt?: Attempt<unknown>): void {
    counts.dropped += 1
    violations.record({
      kind,
      broker: plan.broker,
      dispatcher: plan.name,
      ...(event && { eventId: event.id, eventType: event.type }),
      ...(attempt && { code: attempt.code }),
      ...(attempt?.reason && { reason: attempt.reason }),
    })
  }

  async function deadLetter(delivery: Delivery, event: CloudEvent, attempt: Attempt<unknown>): Promise<void> {
    // Acknowledged before it is published, as in the original: a crash in between loses the event.
    if (!delivery.ack()) return
    const extensions = { ...event.extensions, knativeerrordest: sinkUrl, knativeerrorcode: attempt.code }
    if (plan.deadLetterExchange === '') return recordLoss('no_dead_letter_sink', event, attempt)
    if (terminating.aborted && losesPublish()) {
      return recordLoss('dead_letter_not_stored', event, { ...attempt, reason: 'the connection closed first' })
    }
    const outcome = await delivery.publish(plan.deadLetterExchange, encodeAmqp({ ...event, extensions }))
    if (outcome === 'confirmed') counts.deadLettered += 1
    else recordLoss('dead_letter_not_stored', event, { ...attempt, reason: `publish ${outcome}` })
  }

  /** For an event that the sink or the ingress did not accept after all retries. */
  async function fail(delivery: Delivery, event: CloudEvent, attempt: Attempt<unknown>): Promise<void> {
    if (plan.kind === 'trigger') return deadLetter(delivery, event, attempt)
    if (delivery.ack()) recordLoss('dead_letter_sink_failed', event, attempt)
  }

  async function finish(delivery: Delivery, event: CloudEvent, attempt: Attempt<Answer>): Promise<void> {
    if (isRetryable(attempt.code)) return fail(delivery, event, attempt)
    const reply: Reply = attempt.answer ? readReply(attempt.answer, event, deps.decodeDefaults.newId) : { kind: 'none' }
    if (reply.kind === 'unsendable') return fail(delivery, event, { ...attempt, reason: reply.reason })
    // To the dispatcher every code that is not retried is success, so the event in a refusal is a reply too.
    if (reply.kind === 'event') {
      const sent = await deliver(
        async () => ({ code: await deps.acceptReply(reply.event), reason: 'reply refused' }),
        retrying,
      )
      if (sent === undefined) return
      if (isRetryable(sent.code)) return fail(delivery, event, { ...attempt, reason: sent.reason ?? 'reply' })
      if (sent.code > 299 && delivery.ack()) return recordLoss('reply_refused', event, sent)
    }
    if (!delivery.ack()) return
    if (attempt.code < 200 || attempt.code > 299) return recordLoss('refusal_acknowledged', event, attempt)
    if (attempt.answer?.isGet) return recordLoss('redirected_without_body', event, attempt)
    if (reply.kind === 'lost') return recordLoss('reply_lost', event, { code: attempt.code, reason: reply.reason })
    counts.delivered += 1
  }

  return {
    counts,
    async dispatch(delivery: Delivery): Promise<void> {
      if (cancelling.aborted) return
      const event = decodeOrReason(delivery, deps.decodeDefaults)
      if (typeof event === 'string') {
        if (delivery.ack()) recordLoss('unreadable_message', undefined, { code: -1, reason: event })
        return
      }
      const request = {
        headers: encodeHttp(event),
        body: event.data,
        timeoutMs: plan.timeoutMs,
        signal: cancelling,
        wantsBody,
      }
      // The HTTP client of the original refuses to send an event without a type: a failure without an attempt.
      const attempt =
        event.type === ''
          ? { code: -1, reason: 'attribute "type" is missing' }
          : await deliver(async () => toAttempt(await post(request)), retrying)
      if (attempt !== undefined) await finish(delivery, event, attempt)
    },
  }
}

function toAttempt(outcome: PostOutcome): Attempt<Answer> {
  return outcome.kind === 'answered' ? { code: outcome.status, answer: outcome } : { code: -1, reason: outcome.reason }
}

function decodeOrReason(delivery: Delivery, defaults: DecodeDefaults): CloudEvent | string {
  try {
    return decodeAmqp(delivery.message, defaults)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
