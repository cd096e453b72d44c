import { expect, test } from 'vitest'
import * as z from 'zod'
import { parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createEvent, defineEvent } from './event-contract.ts'

const contract = defineEvent({
  type: 'app.growbin.batch.thing.count.v1',
  queue: 'batch',
  summary: 'Count the things of a day.',
  schema: z.strictObject({ day: z.iso.date() }),
  example: { day: '2026-09-01' },
})
const header = {
  id: 'event-1',
  source: '/growbin/test',
  subject: 'thing',
  time: new Date(0),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

test('an event carries the queue that its trigger matches on, and survives the wire', () => {
  const event = createEvent(contract, header, contract.example)
  expect(event).toEqual({
    specversion: '1.0',
    id: 'event-1',
    source: '/growbin/test',
    type: 'app.growbin.batch.thing.count.v1',
    subject: 'thing',
    time: '1970-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    data: { day: '2026-09-01' },
    extensions: { queue: 'batch', traceparent: header.traceparent },
  })
  const { headers, body } = toBinaryMessage(event)
  expect(parseCloudEvent(new Headers(headers), new TextEncoder().encode(body))).toEqual(event)
})

test('an event that breaks its contract is never made', () => {
  expect(() => createEvent(contract, header, { day: 'today' })).toThrow()
  expect(() => createEvent(contract, header, { day: '2026-09-01', secret: 1 } as { day: string })).toThrow()
})
