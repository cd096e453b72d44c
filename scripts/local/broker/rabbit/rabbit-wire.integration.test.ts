import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { decodeAmqp, encodeAmqp } from '../codec/amqp-codec.ts'
import { startRabbitBroker } from '../rabbit-broker.ts'
import { createBench, delivery, type StartFlavour, trigger } from '../testing/flavour.ts'
import { post, send } from '../testing/producer.ts'
import { amqpUrl, deleteTopology, newNamespace } from '../testing/rabbit-flavour.ts'
import { createNames } from '../topology/names.ts'

const namespace = newNamespace()
const names = createNames({ namespace, uid: 'local' })
const exchange = names.brokerExchange('main')
const brokers = [{ name: 'main' }]

const start: StartFlavour = async (topology, options) => {
  const broker = await startRabbitBroker({ amqpUrl, topology, namespace, ...options })
  return { ...broker, close: (o) => broker.close(o).then(() => deleteTopology(topology, { namespace })) }
}

describe('wire format of the Knative RabbitMQ broker', () => {
  const bench = createBench(start)
  let connection: ChannelModel
  let channel: Channel
  beforeAll(async () => {
    connection = await connect(amqpUrl, { noDelay: true })
    channel = await connection.createChannel()
  })
  afterEach(bench.closeAll)
  afterAll(() => connection.close())

  /** An independent consumer, bound to the exchange of the broker. */
  async function bareConsumer() {
    const messages: ConsumeMessage[] = []
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, exchange, '', { 'x-match': 'all' })
    await channel.consume(queue, (message) => message && messages.push(message), { noAck: true })
    return messages
  }

  const knative = { 'content-type': 'text/plain', specversion: '1.0', id: 'k1', type: 'test.a', source: '/knative' }

  test('the ingress publishes bare headers, raw data and persistent messages', async () => {
    const subscriber = await bench.subscriber()
    const broker = await bench.broker({ brokers, triggers: [trigger('all', subscriber)] })
    const messages = await bareConsumer()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const structured = { specversion: '1.0', id: 'i', source: '/s', type: 't', subject: 'sub', exint: 300, data: [1] }
    const contentType = { 'content-type': 'application/cloudevents+json; charset=utf-8', traceparent }
    await post(
      broker.addresses.main,
      contentType,
      JSON.stringify({ ...structured, time: '2026-01-01T09:00:00.50+09:00' }),
    )
    await send(broker.addresses.main, { queue: 'ai' })
    await expect.poll(() => messages.length).toBe(2)
    const [first, second] = messages
    expect(first?.properties.headers).toEqual({
      'content-type': '',
      specversion: '1.0',
      time: '2026-01-01T00:00:00.5Z',
      id: 'i',
      type: 't',
      source: '/s',
      subject: 'sub',
      exint: 300,
      traceparent,
      tracestate: '',
    })
    expect(first?.content.toString()).toBe('[1]')
    expect(first?.properties).toMatchObject({ contentType: '', messageId: 'i', deliveryMode: 2 })
    expect(first?.fields).toMatchObject({ exchange, routingKey: '' })
    for (const absent of ['priority', 'timestamp', 'type', 'expiration'] as const) {
      expect(first?.properties[absent]).toBeUndefined()
    }
    expect(second?.properties.headers).toMatchObject({ queue: 'ai', id: 'event-1' })
  })

  test('attributes missing in an event are written as by the Knative ingress, and no header is added', async () => {
    const subscriber = await bench.subscriber()
    const broker = await bench.broker({ brokers, triggers: [trigger('all', subscriber)] })
    const messages = await bareConsumer()
    const attributes = { specversion: '1.0', id: 'i', source: '/s', type: 't' }
    const named = Object.entries({ ...attributes, dataschema: 'http://x/y', exbinary: 'AA==' })
    await post(
      broker.addresses.main,
      Object.fromEntries(named.map(([name, value]) => [`ce-${name}`, value])),
      undefined,
    )
    const structured = { ...attributes, exbool: true, exnumber: -1, exurl: 'http://x/', data_base64: 'AAH/' }
    const contentType = { 'content-type': 'application/cloudevents+json' }
    await post(broker.addresses.main, contentType, JSON.stringify({ ...structured, datacontenttype: 'image/png' }))
    await expect.poll(() => messages.length).toBe(2)
    const [binary, fromStructured] = messages
    const noTime = '0001-01-01T00:00:00Z'
    expect(binary?.properties.headers).toEqual({
      ...attributes,
      'content-type': '',
      time: noTime,
      dataschema: 'http://x/y',
      exbinary: 'AA==',
    })
    expect(binary?.properties.contentType).toBe('')
    expect(binary?.content.length).toBe(0)
    expect(fromStructured?.properties.headers).toEqual({
      ...attributes,
      'content-type': 'image/png',
      time: noTime,
      exbool: true,
      exnumber: -1,
      exurl: 'http://x/',
    })
    expect(fromStructured?.content).toEqual(Buffer.from([0, 1, 255]))
  })

  test('the type of the data is read from the table of headers alone, whatever the property says', async () => {
    const subscriber = await bench.subscriber()
    await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] })
    const { 'content-type': _, ...headers } = knative
    channel.publish(exchange, '', Buffer.from('x'), { headers, contentType: 'text/plain' })
    channel.publish(exchange, '', Buffer.from('x'), { headers: { ...knative, 'content-type': 'text/csv' } })
    const types = (await subscriber.got(2)).map((received) => received.headers['content-type'])
    expect(types).toEqual([undefined, 'text/csv'])
  })

  test('of the trace headers of a message traceparent is forwarded, tracestate is not, and neither is an extension', async () => {
    const subscriber = await bench.subscriber()
    await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] })
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' }
    channel.publish(exchange, '', Buffer.from('x'), { headers: { ...knative, ...trace } })
    const [received] = await subscriber.got(1)
    expect(received?.headers.traceparent).toBe(trace.traceparent)
    expect(Object.keys(received?.headers ?? {}).filter((name) => /tracestate|^ce-trace/.test(name))).toEqual([])
  })

  test('queues are durable, of the wanted type and bound with the arguments of the trigger', async () => {
    const subscriber = await bench.subscriber()
    await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] })
    const queue = names.triggerQueue('t0')
    expect(queue).toBe(`${namespace}.t0.local`)
    expect(exchange).toBe(`b.${namespace}.main.local`)
    const same = { durable: true, arguments: { 'x-queue-type': 'quorum' } }
    await expect(channel.assertQueue(queue, same)).resolves.toMatchObject({ queue })
    await expect(channel.assertExchange(exchange, 'headers', { durable: true })).resolves.toEqual({ exchange })
  })

  test('a message of another publisher in the Knative format is routed and delivered', async () => {
    const subscriber = await bench.subscriber()
    await bench.broker({ brokers, triggers: [trigger('t0', subscriber, { filter: { queue: 'ai' } })] })
    const headers = { ...knative, queue: 'ai', time: '0001-01-01T00:00:00Z', 'x-internal': 'dropped' }
    channel.publish(exchange, '', Buffer.from('안녕'), { headers, contentType: 'text/plain', persistent: true })
    const [received] = await subscriber.got(1)
    expect(received?.headers).toMatchObject({ 'ce-id': 'k1', 'ce-source': '/knative', 'content-type': 'text/plain' })
    expect(received?.headers).not.toHaveProperty('ce-x-internal')
    expect(received?.headers['ce-time']).not.toContain('0001')
    expect(received?.body.toString()).toBe('안녕')
  })

  test('messages with `ce-` headers or a structured body are decoded, but not routed by a filter', async () => {
    const [all, filtered] = [await bench.subscriber(), await bench.subscriber()]
    const triggers = [trigger('all', all), trigger('filtered', filtered, { filter: { type: 'test.a' } })]
    await bench.broker({ brokers, triggers })
    const { 'content-type': _, ...attributes } = knative
    const prefixed = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
    channel.publish(exchange, '', Buffer.from('p'), { headers: { ...prefixed, 'CE-ID': undefined } })
    const contentType = 'application/cloudevents+json; charset=UTF-8'
    channel.publish(exchange, '', Buffer.from(JSON.stringify({ ...attributes, id: 'k2', data: 'd' })), { contentType })
    channel.publish(exchange, '', Buffer.from('last'), { headers: { ...knative, id: 'k3' } })
    await Promise.all([all.got(3), filtered.got(1)])
    expect(all.ids()).toEqual(['k1', 'k2', 'k3'])
    expect(all.received[1]?.body.toString()).toBe('"d"')
    expect(filtered.ids()).toEqual(['k3'])
  })

  test('a poison message is acknowledged and lost, and the next one is delivered', async () => {
    const subscriber = await bench.subscriber()
    const sink = await bench.subscriber()
    const broker = await bench.broker({
      brokers,
      triggers: [trigger('t0', subscriber, { delivery: delivery(3, sink) })],
    })
    const { specversion: _, ...withoutVersion } = knative
    const poison = [withoutVersion, { ...knative, my_hdr: 'x' }, { ...knative, time: 'noon' }]
    for (const headers of poison) channel.publish(exchange, '', Buffer.from('poison'), { headers })
    channel.publish(exchange, '', Buffer.from('good'), { headers: knative })
    const [received] = await subscriber.got(1)
    expect(received?.body.toString()).toBe('good')
    await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ delivered: 1, dropped: 3, ready: 0 })
    expect(broker.violations().map(({ kind }) => kind)).toEqual(poison.map(() => 'unreadable_message'))
    expect(sink.received).toEqual([])
  })

  test('a message without id, source or type: the first two are generated, the last is dead-lettered with -1', async () => {
    const [subscriber, sink] = [await bench.subscriber(), await bench.subscriber()]
    const triggers = [trigger('t0', subscriber, { delivery: delivery(3, sink) })]
    const broker = await bench.broker({ brokers, triggers }, { newId: () => 'made-up' })
    channel.publish(exchange, '', Buffer.from('x'), { headers: { specversion: '1.0', type: 'test.a' } })
    channel.publish(exchange, '', Buffer.from('x'), { headers: { specversion: '1.0', id: 'no-type' } })
    const [received] = await subscriber.got(1)
    expect(received?.headers).toMatchObject({
      'ce-id': 'made-up',
      'ce-source': '/apis/v1/namespaces//rabbitmqsources/rabbitmq-dispatcher#',
    })
    await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ deadLettered: 1, retried: 0 })
    expect(subscriber.received.length).toBe(1)
  })

  test('a dead letter has its two extensions in the dead letter queue, the code as an integer', async () => {
    const [failing, closed] = [await bench.subscriber(() => ({ status: 503 })), await bench.subscriber()]
    await bench.broker({ brokers, triggers: [trigger('t0', failing, { delivery: delivery(0, closed) })] })
    const messages: ConsumeMessage[] = []
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, names.triggerDeadLetterExchange('t0'), '', { 'x-match': 'all' })
    await channel.consume(queue, (message) => message && messages.push(message), { noAck: true })
    channel.publish(exchange, '', Buffer.from('x'), { headers: knative })
    await expect
      .poll(() => messages[0]?.properties.headers)
      .toEqual({
        ...knative,
        time: expect.any(String),
        knativeerrordest: failing.url,
        knativeerrorcode: 503,
      })
    expect(messages[0]?.properties).toMatchObject({ contentType: 'text/plain', messageId: 'k1', deliveryMode: 2 })
  })

  test('an event is the same through the in-memory flavour and through RabbitMQ', async () => {
    const event = {
      ...{ specversion: '1.0' as const, id: 'x', source: '/s', type: 't', time: '2026-01-01T00:00:00.5Z' },
      ...{ subject: '한글 %', dataschema: 'http://x/y', datacontenttype: 'text/plain' },
      ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: '' },
      extensions: { queue: 'ai', code: 70_000, flag: true },
      data: Buffer.from([0, 1, 255]),
    }
    await bench.broker({ brokers, triggers: [] })
    const messages = await bareConsumer()
    const { headers, body, ...properties } = encodeAmqp(event)
    channel.publish(exchange, '', body, { headers, ...properties })
    await expect.poll(() => messages.length).toBe(1)
    const read = messages[0] as ConsumeMessage
    const defaults = { now: () => new Date(0), newId: () => 'none' }
    const decode = (from: Pick<ReturnType<typeof encodeAmqp>, 'headers' | 'body' | 'contentType' | 'messageId'>) =>
      decodeAmqp(from, defaults)
    const overWire = {
      headers: read.properties.headers ?? {},
      body: read.content,
      contentType: String(read.properties.contentType),
      messageId: String(read.properties.messageId),
    }
    expect(decode(overWire)).toEqual(decode(encodeAmqp(event)))
    expect(decode(overWire)).toEqual({ ...event, extensions: { queue: 'ai', code: '70000', flag: 'true' } })
  })
})
