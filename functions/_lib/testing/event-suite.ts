import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type JsonCloudEvent, parseCloudEvent } from '../events/cloud-event.ts'
import { pingType } from '../events/event-contract.ts'
import { unverifiedPerHourMax } from '../messaging/dead-letters.pg.ts'
import type { StartFunction } from '../process/serve.ts'
import { cloudEventScenarios, type PlainEvent } from './cloud-event-scenarios.ts'
import { malformedMessage } from './malformed-message.ts'
import { postWireMessage } from './post-wire-message.ts'
import { hasServer, type RunningFunction, runFunction, withoutServer } from './run-function.ts'
import { testSignatures, toSignedMessage } from './test-event-keys.ts'

export type EventSuiteOptions = {
  /** Name of the function, under which it records what it rejects. */
  name: string
  start: StartFunction
  /** Called once. Variables with the addresses of real parts. `DATABASE_URL` logs in as a superuser with a role option. */
  environment: () => Promise<Record<string, string>>
  /** Arranges the rows that a new event refers to, and makes the event. */
  validEvent: () => Promise<JsonCloudEvent>
  /** The effect of an event, without ids and times: it is compared between one delivery and several, and between events. */
  effect: (event: JsonCloudEvent) => Promise<unknown>
  /** A handled event is answered with an event, the same at every delivery. */
  replies?: boolean
}

type Message = { headers: Record<string, string>; body: string | Uint8Array }
type DeadLetterRow = { kind: string; reason: string; event_id: string | null; bytes: number }

const deliveriesAtOnce = 4
const malformedMessages = 500

/** Tests that every event function must pass: one effect for all deliveries, no event lost without a row, and never a 4xx. */
export function describeEventFunction(options: EventSuiteOptions): void {
  const { name } = options
  const handledStatus = options.replies ? 200 : 204

  describe(`${name} as an event function`, () => {
    let environment: Record<string, string>
    let running: RunningFunction
    let database: pg.Pool

    beforeAll(async () => {
      environment = await options.environment()
      running = await runFunction(options.start, environment)
      database = new pg.Pool({ connectionString: asSuperuser(environment.DATABASE_URL ?? ''), max: 2 })
    })
    afterAll(async () => {
      await running?.close()
      await database?.end()
    })

    const post = async ({ headers, body }: Message, base = running.url) => {
      const response = await fetch(base, {
        method: 'POST',
        headers,
        body: Buffer.from(body),
        signal: AbortSignal.timeout(30_000),
      })
      const { status, headers: answered } = response
      return { status, headers: answered, retryAfter: answered.get('retry-after'), text: await response.text() }
    }
    const deliver = (event: JsonCloudEvent, base?: string) => post(toSignedMessage(event), base)

    /** As the broker does: again for as long as the answer is 503. */
    const deliverUntilTaken = (event: JsonCloudEvent) =>
      vi.waitFor(async () => expect((await deliver(event)).status).toBe(handledStatus), {
        timeout: 15_000,
        interval: 50,
      })

    /** Posts a message and resolves to the dead letters that this alone has left. */
    async function postAndFindRows(
      message: Message,
      send: (message: Message) => Promise<{ status: number }> = (marked) => post(marked),
    ) {
      const marker = `suite-${randomUUID()}`
      const answer = await send({ ...message, headers: { ...message.headers, 'user-agent': marker } })
      const { rows } = await database.query<DeadLetterRow>(
        `select kind, reason, event_id, length(body) as bytes from events.dead_letters
         where consumer = $1 and headers ->> 'user-agent' = $2`,
        [name, marker],
      )
      return { status: answer.status, rows }
    }
    const rejectedOnce = (reason: unknown) => ({
      status: 202,
      rows: [expect.objectContaining({ kind: 'rejected', reason })],
    })

    test('does its work once for one delivery', async () => {
      const event = await options.validEvent()
      const before = await options.effect(event)
      expect(await deliver(event)).toMatchObject(options.replies ? { status: 200 } : { status: 204, text: '' })
      expect(await options.effect(event)).not.toEqual(before)
    })

    if (options.replies) {
      test('gives every delivery the same reply, which is an event of another id', async () => {
        const event = await options.validEvent()
        const answers = [await deliver(event), await deliver(event), await deliver(event)]
        const [reply, ...others] = answers.map(({ headers, text }) => parseCloudEvent(headers, Buffer.from(text)))
        expect(others).toEqual([reply, reply])
        expect(reply?.id).not.toBe(event.id)
        expect(reply?.extensions.queue).not.toBe(event.extensions.queue)
      })
    }

    test('does nothing more for a second delivery', async () => {
      const event = await options.validEvent()
      await deliverUntilTaken(event)
      const once = await options.effect(event)
      expect(await deliver(event)).toMatchObject({ status: handledStatus })
      expect(await options.effect(event)).toEqual(once)
    })

    test('does its work once for deliveries at the same time, and refuses with 503 only', async () => {
      const single = await options.validEvent()
      await deliverUntilTaken(single)
      const event = await options.validEvent()
      const answers = await Promise.all(Array.from({ length: deliveriesAtOnce }, () => deliver(event)))
      for (const { status } of answers) expect([handledStatus, 204, 503]).toContain(status)
      await deliverUntilTaken(event)
      expect(await options.effect(event)).toEqual(await options.effect(single))
    })

    test('handles the structured mode as the binary one', async () => {
      const [binary, structured] = [await options.validEvent(), await options.validEvent()]
      await deliverUntilTaken(binary)
      expect(await post(toStructuredMessage(testSignatures.sign(structured)))).toMatchObject({ status: handledStatus })
      expect(await options.effect(structured)).toEqual(await options.effect(binary))
    })

    describe('by the HTTP binding of CloudEvents', () => {
      const postWire = ({ headers, body }: Message) =>
        postWireMessage(running.url, { headers, body: Buffer.from(body) })
      let reference: unknown
      beforeAll(async () => {
        const event = await options.validEvent()
        await deliverUntilTaken(event)
        reference = await options.effect(event)
      })

      test.each(cloudEventScenarios.filter(({ reader, hasOwnData }) => reader === 'accepted' && !hasOwnData))(
        'handles: $name ($rule)',
        async ({ meant, write }) => {
          const event = await options.validEvent()
          const { status, rows } = await postAndFindRows(write(signPlain(meant(toPlainEvent(event)))), postWire)
          expect({ status, rows }).toEqual({ status: handledStatus, rows: [] })
          expect(await options.effect(event)).toEqual(reference)
        },
      )

      test('records every message that is no event as malformed, and no event that breaks its contract', async () => {
        const event = await options.validEvent()
        const takesAnyData = event.type === pingType
        const before = await options.effect(event)
        for (const { name, meant, write, reader, hasOwnData } of cloudEventScenarios) {
          if (reader === 'accepted' && (!hasOwnData || takesAnyData)) continue
          const found = await postAndFindRows(write(signPlain(meant(toPlainEvent(event)))), postWire)
          const reason = reader === 'refused' ? 'malformed' : 'invalid_data'
          expect({ name, ...found }).toEqual({ name, ...rejectedOnce(reason) })
        }
        expect(await options.effect(event)).toEqual(before)
      })
    })

    test('records an event of an unknown type', async () => {
      const event = await options.validEvent()
      const before = await options.effect(event)
      const type = 'app.growbin.ai.never.heard.of.v1'
      const found = await postAndFindRows(toSignedMessage({ ...event, type }))
      expect(found).toEqual(rejectedOnce('unknown_type'))
      expect(found.rows[0]?.event_id).toBe(event.id)
      expect(await options.effect(event)).toEqual(before)
    })

    test('records an event whose data breaks the contract', async () => {
      const event = await options.validEvent()
      const before = await options.effect(event)
      // A tick holds an object of any kind.
      const objects = event.type === pingType ? [] : [{}, { job_id: 'not-a-uuid' }]
      for (const data of [undefined, null, 7, [], ...objects]) {
        expect(await postAndFindRows(toSignedMessage({ ...event, data }))).toEqual(rejectedOnce('invalid_data'))
      }
      expect(await options.effect(event)).toEqual(before)
    })

    test('records the beginning of a body that is too large', async () => {
      const event = await options.validEvent()
      const { headers } = toSignedMessage(event)
      const body = JSON.stringify({ filling: 'x'.repeat(2 * 1024 * 1024) })
      const { status, rows } = await postAndFindRows({ headers, body })
      expect({ status, rows }).toEqual(rejectedOnce('too_large'))
      expect(rows[0]?.bytes).toBe(4_096)
    })

    test(`answers ${malformedMessages} generated malformed requests with 202, and stores a bounded number`, async () => {
      const valid = toSignedMessage(await options.validEvent())
      const rowsBefore = await countRows()
      let sent = 0
      await fc.assert(
        fc.asyncProperty(malformedMessage(valid), async (message) => {
          sent += 1
          expect((await post(message)).status).toBe(202)
        }),
        { numRuns: malformedMessages, endOnFailure: true },
      )
      expect(sent).toBe(malformedMessages)
      // Two, since the hour may change meanwhile.
      expect(await countRows()).toBeLessThanOrEqual(2 * unverifiedPerHourMax)
      expect(await countRows()).toBeGreaterThan(rowsBefore)
    })

    test('answers every message with 503 while PostgreSQL is unavailable', async () => {
      expect(hasServer(environment, 'postgres')).toBe(true)
      const event = await options.validEvent()
      const binary = toSignedMessage(event)
      const degraded = await runFunction(options.start, withoutServer(environment, 'postgres'))
      try {
        for (const message of [binary, { ...binary, body: '{' }, { ...binary, body: 'x'.repeat(2 * 1024 * 1024) }]) {
          const { status, retryAfter, text } = await post(message, degraded.url)
          expect({ status, text }).toEqual({ status: 503, text: '' })
          expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
        }
      } finally {
        await degraded.close()
      }
      await deliverUntilTaken(event)
    })

    const countRows = async () => {
      const { rows } = await database.query<{ count: number }>(
        'select count(*)::int as count from events.dead_letters where consumer = $1 and not verified',
        [name],
      )
      return rows[0]?.count ?? 0
    }
  })
}

/** The same event in the structured mode of the HTTP binding. */
export function toStructuredMessage(event: JsonCloudEvent): { headers: Record<string, string>; body: string } {
  const { extensions, ...attributes } = event
  return {
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify({ ...attributes, ...extensions }),
  }
}

function toPlainEvent({ extensions, datacontenttype, data, ...attributes }: JsonCloudEvent): PlainEvent {
  return { attributes: { ...attributes, ...extensions }, contentType: datacontenttype, data: JSON.stringify(data) }
}

/** The event as it is meant, with the signature of its producer. What is no event, or has no JSON, has none. */
function signPlain(event: PlainEvent): PlainEvent {
  const { attributes, contentType = 'application/json', data } = event
  const { specversion: _, id = '', source = '', type = '', subject, time, ...extensions } = attributes
  try {
    const signed = testSignatures.sign({
      ...{ specversion: '1.0', id, source, type, extensions, datacontenttype: contentType },
      ...(subject !== undefined && { subject }),
      ...(time !== undefined && { time }),
      data: data === '' ? undefined : /json/.test(contentType) ? (JSON.parse(data) as unknown) : data,
    })
    return { ...event, attributes: { ...attributes, ...signed.extensions } }
  } catch {
    return event
  }
}

function asSuperuser(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.delete('options')
  return url.href
}
