import type { Context } from 'hono'
import { RejectedEventError } from '../http/errors.ts'
import { createHttpApp, type HttpApp, type HttpAppOptions } from '../http/http-app.ts'
import type { RecordDeadLetter } from '../messaging/dead-letters.pg.ts'
import type { FunctionSpec } from '../process/function-spec.ts'
import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createTickCheck } from './declared-ticks.ts'
import { type DataOf, type EventContract, pingType } from './event-contract.ts'
import { type EventSignatures, withSignedAttributes } from './event-signature.ts'

/**
 * Resolves when the effect is committed, to nothing or to a reply, which the broker publishes before it acknowledges the event.
 * A redelivery must get the same reply, since the first may be lost. Throws `RejectedEventError` for an event that can never
 * be handled; anything else that it throws asks for a redelivery.
 */
export type HandleEvent<Data> = (
  event: JsonCloudEvent,
  data: Data,
  delivery: EventDelivery,
) => Promise<void> | Promise<JsonCloudEvent | undefined>

export type EventDelivery = {
  /** Whether the dispatcher has closed the connection, so that it will not receive the answer. */
  isAbandoned: () => boolean
}

/** Exactly one handler for each contract, by its type. */
export type EventHandlers<Handles extends readonly EventContract[]> = {
  readonly [Type in Handles[number]['type']]: HandleEvent<DataOf<Extract<Handles[number], { type: Type }>>>
}

export type EventAppOptions = HttpAppOptions & {
  signatures: EventSignatures
  recordDeadLetter: RecordDeadLetter
}

/** What `createEventApp` reads of the description of a function. Rejected events are recorded under its name. */
export type EventConsumer = Pick<FunctionSpec, 'name' | 'trigger' | 'handles'>

const retryAfterSeconds = '1'
const bodyBytesMax = 1_048_576

/**
 * An app that receives CloudEvents on `POST /`. It answers 204 when the event is handled, 200 with a CloudEvent when it is handled with a
 * reply, 202 when it is recorded as rejected, and 503 for everything else, since the RabbitMQ dispatcher acknowledges events on other
 * errors. An event takes effect only with a valid signature, or as a tick that the function declares.
 *
 * @example
 * createEventApp(spec, eventAppParts(fn, database), {
 *   [aiImageAnalyzeV1.type]: async (event, { job_id: jobId }) => analyze({ event, jobId }),
 * })
 */
export function createEventApp<const Spec extends EventConsumer>(
  spec: Spec,
  options: EventAppOptions,
  handlers: EventHandlers<Spec['handles']>,
): HttpApp {
  const app = createHttpApp({ ...options, bodyBytesMax: Number.POSITIVE_INFINITY })
  const contracts = new Map(spec.handles.map((contract) => [contract.type as string, contract]))
  const handlerOf = handlers as Readonly<Record<string, HandleEvent<unknown>>>
  const verify = createOriginCheck(spec, options.signatures)

  app.post('/', async (c) => {
    const { body, tooLarge } = await readEvent(c)
    const headers = c.req.raw.headers
    let verified = false
    try {
      if (tooLarge) throw new RejectedEventError('too_large', `The event has a body of over ${bodyBytesMax} bytes`)
      const received = parseCloudEvent(headers, body)
      verify(received)
      verified = true
      const event = withSignedAttributes(received)
      const contract = contracts.get(event.type)
      const handle = handlerOf[event.type]
      if (!contract || !handle) {
        throw new RejectedEventError('unknown_type', `"${spec.name}" does not handle this event type`)
      }
      // A function and not a signal: making an `AbortSignal` costs every request, and few handlers need it.
      const delivery = { isAbandoned: () => c.req.raw.signal.aborted }
      const reply = await handle(event, parseEventData(contract, event), delivery)
      options.metrics.count('events_handled_total', { type: event.type })
      if (!reply) return c.body(null, 204)
      // The data plane contract of Knative Eventing takes a reply from 200 alone.
      const message = toBinaryMessage(options.signatures.sign(reply))
      return c.body(message.body, 200, message.headers)
    } catch (error) {
      const reason = rejectionReason(error)
      try {
        if (reason === undefined) throw error
        const deadLetter = { consumer: spec.name, kind: 'rejected', reason, headers, body, verified } as const
        const isKept = await options.recordDeadLetter(deadLetter)
        // An attacker can post at any rate, so messages that are not kept are counted and not logged.
        if (isKept) options.log.warn('An event was rejected', { error, reason })
        options.metrics.count('events_rejected_total', { reason })
        return c.body(null, 202)
      } catch (failure) {
        options.log.error('An event could not be handled now', { error: failure })
        options.metrics.count('events_failed_total')
        return c.body(null, 503, { 'retry-after': retryAfterSeconds })
      }
    }
  })
  return app
}

/** Reads a small body of known length at once, which is faster than a web stream. */
async function readEvent({ req }: Context): ReturnType<typeof readUpTo> {
  if (Number(req.header('content-length') ?? Number.NaN) <= bodyBytesMax) {
    return { body: new Uint8Array(await req.arrayBuffer()), tooLarge: false }
  }
  return readUpTo(req.raw.body, bodyBytesMax)
}

/** Reads a stream to its end, so that the sender receives the answer, and returns its first `bytesMax` bytes. */
export async function readUpTo(stream: ReadableStream<Uint8Array> | null, bytesMax: number) {
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream ?? []) {
    if (bytes < bytesMax) kept.push(chunk.subarray(0, bytesMax - bytes))
    bytes += chunk.byteLength
  }
  return { body: new Uint8Array(Buffer.concat(kept)), tooLarge: bytes > bytesMax }
}

/** Throws `RejectedEventError` for an event that may take no effect. Cron sources cannot sign, so their ticks are compared. */
function createOriginCheck(spec: EventConsumer, { verify }: EventSignatures): (event: JsonCloudEvent) => void {
  const isDeclaredTick = 'schedules' in spec.trigger && spec.trigger.schedules ? createTickCheck(spec) : undefined
  return (event) => {
    const verdict = verify(event)
    if (verdict === 'valid') return
    if (verdict === 'unsigned' && event.type === pingType && isDeclaredTick) {
      if (isDeclaredTick(event)) return
      throw new RejectedEventError('undeclared_tick', 'No schedule of this function sends this event')
    }
    throw new RejectedEventError(verdict, 'The event has no signature of a producer that may send it')
  }
}

function rejectionReason(error: unknown): string | undefined {
  if (error instanceof CloudEventFormatError) return 'malformed'
  return error instanceof RejectedEventError ? error.reason : undefined
}

function parseEventData(contract: EventContract, event: JsonCloudEvent): unknown {
  const parsed = contract.schema.safeParse(event.data)
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ')
  throw new RejectedEventError('invalid_data', `The data of the event breaks its contract at ${paths}`)
}
