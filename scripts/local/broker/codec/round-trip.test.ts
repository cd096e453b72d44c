import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from '../../../../functions/_lib/events/cloud-event.ts'
import { readReply } from '../dispatch/read-reply.ts'
import { decodeAmqp, encodeAmqp } from './amqp-codec.ts'
import { decodeHttp, encodeHttp } from './http-codec.ts'

const defaults = { now: () => new Date(0), newId: () => 'made-up' }
const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => !/\p{Cc}/u.test(value))
const events: fc.Arbitrary<JsonCloudEvent> = fc.record({
  specversion: fc.constant('1.0' as const),
  id: text,
  source: fc.constantFrom('/growbin/waste-upload-complete', 'urn:uuid:1'),
  type: text,
  subject: text,
  time: fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  datacontenttype: fc.constant('application/json'),
  data: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  extensions: fc.dictionary(fc.stringMatching(/^ext[a-z0-9]{1,8}$/), text),
})

test('an event of one function reaches another unchanged through ingress, queue and dispatcher, whatever its text', () => {
  fc.assert(
    fc.property(events, (event) => {
      const { headers, body } = toBinaryMessage(event)
      const accepted = decodeHttp(Object.entries(headers).flat(), Buffer.from(body))
      const delivered = decodeAmqp(encodeAmqp(accepted), defaults)
      const received = parseCloudEvent(new Headers(encodeHttp(delivered)), delivered.data)
      expect({ ...received, time: new Date(received.time ?? '').toISOString() }).toEqual(event)
    }),
  )
})

test('the reply of a function is never lost because of how it is written', () => {
  fc.assert(
    fc.property(events, (event) => {
      const { headers, body } = toBinaryMessage(event)
      const rawHeaders = Object.entries(headers).flat()
      const to = decodeHttp(['ce-specversion', '1.0', 'ce-id', 'e', 'ce-source', '/s', 'ce-type', 't'], Buffer.alloc(0))
      const reply = readReply(
        { kind: 'answered', status: 200, rawHeaders, body: Buffer.from(body) },
        to,
        defaults.newId,
      )
      expect(reply).toMatchObject({ kind: 'event', event: { id: headers['ce-id'] } })
    }),
  )
})
