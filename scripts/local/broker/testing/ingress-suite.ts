import { afterEach, describe, expect, test } from 'vitest'
import { createBench, type StartFlavour, trigger } from './flavour.ts'
import { post, send } from './producer.ts'

const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }

/** What the ingress accepts and answers, for every flavour. */
export function describeIngress(start: StartFlavour): void {
  describe('ingress', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    async function oneTrigger() {
      const subscriber = await bench.subscriber()
      const broker = await bench.broker({ brokers: [{ name: 'main' }], triggers: [trigger('all', subscriber)] })
      return { subscriber, address: broker.addresses.main ?? '' }
    }

    test.each(['application/vnd.apache.thrift.binary', 'application/xml', 'application/json; charset=utf-8'])(
      'I1: binary mode with content type %s is accepted and its bytes arrive unchanged',
      async (contentType) => {
        const { subscriber, address } = await oneTrigger()
        const body = Buffer.from([0, 255, 10, 13, 0xec, 0x95])
        expect(await post(address, { ...binary, 'content-type': contentType }, body)).toBe(202)
        const [received] = await subscriber.got(1)
        expect(received?.headers['content-type']).toBe(contentType)
        expect(received?.body).toEqual(body)
      },
    )

    test('I2: structured mode is accepted and delivered in binary mode, with the header set of the dispatcher', async () => {
      const { subscriber, address } = await oneTrigger()
      const attributes = {
        subject: 'topic',
        dataschema: 'http://example.com/schema',
        queue: 'ai',
        exint: 42,
        exbool: true,
      }
      expect(await send(address, { ...attributes, data: { text: '안녕' } }, 'structured')).toBe(202)
      const [received] = await subscriber.got(1)
      const { host, connection, 'content-length': length, ...headers } = received?.headers ?? {}
      expect(headers).toEqual({
        'ce-specversion': '1.0',
        'ce-id': 'event-1',
        'ce-source': '/test',
        'ce-type': 'test.a',
        'ce-time': '2026-01-02T03:04:05.678Z',
        'ce-subject': 'topic',
        'ce-dataschema': 'http://example.com/schema',
        'ce-queue': 'ai',
        'ce-exint': '42',
        'ce-exbool': 'true',
      })
      expect(JSON.parse(String(received?.body))).toEqual({ text: '안녕' })
    })

    test('a trace arrives in its header when it was sent in its header, with or without the extension, and without tracestate', async () => {
      const { subscriber, address } = await oneTrigger()
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await post(address, { ...binary, traceparent, tracestate: 'a=b', 'x-request-id': 'dropped' }, 'x')
      await post(address, { ...binary, traceparent, 'ce-traceparent': traceparent }, 'x')
      await post(address, { ...binary, 'ce-traceparent': traceparent }, 'x')
      const received = await subscriber.got(3)
      expect(received.map(({ headers }) => headers.traceparent)).toEqual([traceparent, traceparent, undefined])
      for (const absent of ['tracestate', 'x-request-id', 'ce-traceparent']) {
        expect(received.filter(({ headers }) => absent in headers)).toEqual([])
      }
    })

    test('I3: an event of version 0.3 is accepted and not upgraded', async () => {
      const { subscriber, address } = await oneTrigger()
      expect(await post(address, { ...binary, 'ce-specversion': '0.3', 'ce-schemaurl': 'http://x/y' }, 'x')).toBe(202)
      const [received] = await subscriber.got(1)
      expect(received?.headers).toMatchObject({ 'ce-specversion': '0.3', 'ce-dataschema': 'http://x/y' })
    })

    test('an event without time is delivered with the time of delivery', async () => {
      const subscriber = await bench.subscriber()
      const topology = { brokers: [{ name: 'main' }], triggers: [trigger('all', subscriber)] }
      const broker = await bench.broker(topology, { now: () => new Date('2030-01-01T00:00:00Z') })
      await post(broker.addresses.main, binary, 'x')
      const [received] = await subscriber.got(1)
      expect(received?.headers['ce-time']).toBe('2030-01-01T00:00:00.000Z')
    })

    test('I4 and every other invalid event is answered 400', async () => {
      const { address } = await oneTrigger()
      const { 'ce-id': _id, ...withoutId } = binary
      const { 'ce-specversion': _version, ...withoutVersion } = binary
      const structured = { 'content-type': 'application/cloudevents+json' }
      const refused: [string, Record<string, string>, string][] = [
        ['version 19.0', { ...binary, 'ce-specversion': '19.0' }, ''],
        ['version 9000.1', { ...binary, 'ce-specversion': '9000.1' }, ''],
        ['no version', withoutVersion, ''],
        ['no id', withoutId, ''],
        ['empty type', { ...binary, 'ce-type': '' }, ''],
        ['bad time', { ...binary, 'ce-time': 'yesterday' }, ''],
        ['bad name', { ...binary, 'ce-my-name': 'x' }, ''],
        ['broken UTF-8', { ...binary, 'ce-subject': '\xff' }, ''],
        ['lower-case time', { ...binary, 'ce-time': '2018-04-05t03:56:24z' }, ''],
        ['attributes of over 32 KiB', { ...binary, 'ce-ext': 'x'.repeat(40_000) }, ''],
        ['content type twice', { ...binary, 'ce-datacontenttype': 'text/plain' }, ''],
        ['batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]'],
        ['not JSON', structured, '{'],
        ['structured without id', structured, '{"specversion":"1.0","source":"/s","type":"t"}'],
        ['plain JSON', { 'content-type': 'application/json' }, '{}'],
      ]
      for (const [name, headers, body] of refused) {
        expect(`${name}: ${await post(address, headers, body)}`).toBe(`${name}: 400`)
      }
    })

    test('I5, I6: any other method is answered 405, any other URI 404', async () => {
      const { address } = await oneTrigger()
      for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE']) {
        expect((await fetch(`${address}/`, { method })).status).toBe(405)
      }
      expect(await post(`${address}/?x`, binary)).toBe(404)
      expect(await post(`${address}/default/main`, binary)).toBe(404)
    })

    test('a body over 16 MiB is answered 413, and one of exactly 16 MiB is delivered complete', async () => {
      const { subscriber, address } = await oneTrigger()
      const limit = 16 * 1024 * 1024
      expect(await post(address, binary, Buffer.alloc(limit + 1))).toBe(413)
      // Without a content length, so that the bytes themselves are counted.
      const chunked = new Blob([Buffer.alloc(limit + 1)]).stream()
      const options = { method: 'POST', headers: binary, body: chunked, duplex: 'half' as const }
      expect((await fetch(address, options)).status).toBe(413)
      expect(await post(address, binary, Buffer.alloc(limit, 7))).toBe(202)
      const [received] = await subscriber.got(1)
      expect(received?.body.equals(Buffer.alloc(limit, 7))).toBe(true)
    })

    test('probes of the kubelet are answered 200', async () => {
      const { address } = await oneTrigger()
      expect((await fetch(`${address}/`, { headers: { 'user-agent': 'kube-probe/1.33' } })).status).toBe(200)
    })
  })
}
