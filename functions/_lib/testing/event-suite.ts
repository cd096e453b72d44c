import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type JsonCloudEvent, toBinaryMessage } from '../cloud-event.ts'
import { pingType } from '../event-contract.ts'
import type { StartFunction } from '../serve.ts'
import { malformedMessage } from './malformed-message.ts'
import { hasServer, type RunningFunction, runFunction, withoutServer } from './run-function.ts'

export type EventSuiteOptions = {
  /** Name of the function, under which it records what it rejects. */
  name: string
  start: StartFunction
  /** Called once. Variables with the addresses of real parts. `DATABASE_URL` logs in as a superuser with a role option. */
  environment: () => Promise<Record<string, string>>
  /** Makes what a new event is about, and the event. */
  validEvent: () => Promise<JsonCloudEvent>
  /** What an event has done, without ids and times: it is compared between one delivery and several, of other events too. */
  effect: (event: JsonCloudEvent) => Promise<unknown>
  /** The contract has no field that could be wrong, as with a cron source. */
  acceptsAnyData?: boolean
}

type Message = { headers: Record<string, string>; body: string | Uint8Array }
type DeadLetterRow = { kind: string; reason: string; event_id: string | null; bytes: number }

const deliveriesAtOnce = 4
const malformedMessages = 500

/** What every event function keeps to: twice is once, nothing is lost without a row, and no 4xx ever. */
export function describeEventFunction(options: EventSuiteOptions): void {
  const { name } = options

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
      return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
    }
    const deliver = (event: JsonCloudEvent, base?: string) => post(toBinaryMessage(event), base)

    /** As the broker does: again for as long as the answer is 503. */
    const deliverUntilTaken = (event: JsonCloudEvent) =>
      vi.waitFor(async () => expect((await deliver(event)).status).toBe(204), { timeout: 15_000, interval: 50 })

    /** Posts a message and resolves to the dead letters that this alone has left. */
    async function postAndFindRows(message: Message) {
      const marker = `suite-${randomUUID()}`
      const answer = await post({ ...message, headers: { ...message.headers, 'user-agent': marker } })
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
      expect(await deliver(event)).toMatchObject({ status: 204, text: '' })
      expect(await options.effect(event)).not.toEqual(before)
    })

    test('does nothing more for a second delivery', async () => {
      const event = await options.validEvent()
      await deliverUntilTaken(event)
      const once = await options.effect(event)
      expect(await deliver(event)).toMatchObject({ status: 204 })
      expect(await options.effect(event)).toEqual(once)
    })

    test('does its work once for deliveries at the same time, and asks for patience with 503 only', async () => {
      const single = await options.validEvent()
      await deliverUntilTaken(single)
      const event = await options.validEvent()
      const answers = await Promise.all(Array.from({ length: deliveriesAtOnce }, () => deliver(event)))
      for (const { status } of answers) expect([204, 503]).toContain(status)
      await deliverUntilTaken(event)
      expect(await options.effect(event)).toEqual(await options.effect(single))
    })

    test('takes the structured mode as it takes the binary one', async () => {
      const [binary, structured] = [await options.validEvent(), await options.validEvent()]
      await deliverUntilTaken(binary)
      expect(await post(toStructuredMessage(structured))).toMatchObject({ status: 204 })
      expect(await options.effect(structured)).toEqual(await options.effect(binary))
    })

    test('records an event of an unknown type', async () => {
      const event = await options.validEvent()
      const before = await options.effect(event)
      const type = 'app.growbin.ai.never.heard.of.v1'
      const found = await postAndFindRows(toBinaryMessage({ ...event, type }))
      expect(found).toEqual(rejectedOnce('unknown_type'))
      expect(found.rows[0]?.event_id).toBe(event.id)
      expect(await options.effect(event)).toEqual(before)
    })

    test.skipIf(options.acceptsAnyData)('records an event whose data breaks the contract', async () => {
      const event = await options.validEvent()
      if (event.type === pingType) return
      const before = await options.effect(event)
      for (const data of [undefined, null, 7, [], {}, { job_id: 'not-a-uuid' }]) {
        expect(await postAndFindRows(toBinaryMessage({ ...event, data }))).toEqual(rejectedOnce('invalid_data'))
      }
      expect(await options.effect(event)).toEqual(before)
    })

    test('records what is not an event', async () => {
      const event = await options.validEvent()
      const before = await options.effect(event)
      const binary = toBinaryMessage(event)
      const { 'ce-id': _, ...withoutId } = binary.headers
      const envelope = JSON.parse(toStructuredMessage(event).body) as Record<string, unknown>
      const structured = (changed: unknown, type = 'application/cloudevents+json') => ({
        headers: { 'content-type': type },
        body: JSON.stringify(changed),
      })
      const { id: __, ...envelopeWithoutId } = envelope
      const messages: Record<string, Message> = {
        'no event at all': { headers: { 'content-type': 'application/json' }, body: '{}' },
        'nothing at all': { headers: {}, body: '' },
        'bad JSON': { ...binary, body: '{"job_id":' },
        'bytes that are not UTF-8': { ...binary, body: new Uint8Array([0x22, 0xc0, 0xa0, 0x22]) },
        'no id': { ...binary, headers: withoutId },
        'an empty id': { ...binary, headers: { ...binary.headers, 'ce-id': '' } },
        'another version': { ...binary, headers: { ...binary.headers, 'ce-specversion': '0.3' } },
        'a batch': structured([envelope], 'application/cloudevents-batch+json'),
        'structured without id': structured(envelopeWithoutId),
        'structured with both data fields': structured({ ...envelope, data: {}, data_base64: 'e30=' }),
        'structured and not an object': structured([envelope]),
        'structured in another format': structured(envelope, 'application/cloudevents+avro'),
      }
      for (const [what, message] of Object.entries(messages)) {
        expect({ what, ...(await postAndFindRows(message)) }).toEqual({ what, ...rejectedOnce('malformed') })
      }
      expect(await options.effect(event)).toEqual(before)
    })

    test('records the beginning of a body that is too large', async () => {
      const event = await options.validEvent()
      const { headers } = toBinaryMessage(event)
      const body = JSON.stringify({ filling: 'x'.repeat(2 * 1024 * 1024) })
      const { status, rows } = await postAndFindRows({ headers, body })
      expect({ status, rows }).toEqual(rejectedOnce('too_large'))
      expect(rows[0]?.bytes).toBe(65_536)
    })

    test(`answers ${malformedMessages} generated malformed requests with 202 and a row each`, async () => {
      const valid = toBinaryMessage(await options.validEvent())
      const rowsBefore = await countRows()
      let sent = 0
      await fc.assert(
        fc.asyncProperty(malformedMessage(valid), async (message) => {
          sent += 1
          expect((await post(message)).status).toBe(202)
        }),
        { numRuns: malformedMessages, endOnFailure: true },
      )
      expect(await countRows()).toBe(rowsBefore + sent)
    })

    test('asks to be tried again while PostgreSQL is away, whatever comes', async () => {
      expect(hasServer(environment, 'postgres')).toBe(true)
      const event = await options.validEvent()
      const binary = toBinaryMessage(event)
      const away = await runFunction(options.start, withoutServer(environment, 'postgres'))
      try {
        for (const message of [binary, { ...binary, body: '{' }, { ...binary, body: 'x'.repeat(2 * 1024 * 1024) }]) {
          const { status, retryAfter, text } = await post(message, away.url)
          expect({ status, text }).toEqual({ status: 503, text: '' })
          expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
        }
      } finally {
        await away.close()
      }
      await deliverUntilTaken(event)
    })

    const countRows = async () => {
      const { rows } = await database.query<{ count: number }>(
        'select count(*)::int as count from events.dead_letters where consumer = $1',
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

function asSuperuser(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.delete('options')
  return url.href
}
