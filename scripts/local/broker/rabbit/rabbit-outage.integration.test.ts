import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startTcpProxy } from '../../../lib/tcp-proxy.ts'
import { startRabbitBroker } from '../rabbit-broker.ts'
import { createBench, delivery, silentLog, trigger } from '../testing/flavour.ts'
import { send } from '../testing/producer.ts'
import { amqpUrl, deleteTopology, newNamespace } from '../testing/rabbit-flavour.ts'
import { canStartRabbitServer, startRabbitServer } from '../testing/rabbit-server.ts'

const brokers = [{ name: 'main' }]
const quiet = { log: silentLog, random: () => 0 }

describe('when RabbitMQ becomes unavailable', () => {
  const closers: (() => Promise<void>)[] = []
  const bench = createBench(async (topology) => {
    const namespace = newNamespace()
    const { hostname: host, port } = new URL(amqpUrl)
    const proxy = await startTcpProxy({ host, port: Number(port || 5672) })
    proxies.push(proxy)
    const url = new URL(amqpUrl)
    url.host = `127.0.0.1:${proxy.port}`
    const broker = await startRabbitBroker({ ...quiet, amqpUrl: url.href, topology, namespace, strict: true })
    closers.push(proxy.close, () => deleteTopology(topology, { namespace }))
    return broker
  })
  const proxies: Awaited<ReturnType<typeof startTcpProxy>>[] = []
  afterEach(async () => {
    await bench.closeAll()
    for (const close of closers.splice(0)) await close()
    proxies.splice(0)
  })

  test('the ingress answers 503, then resumes, and unacknowledged messages are redelivered', async () => {
    let release: (answer: { status: number }) => void = () => undefined
    const subscriber = await bench.subscriber((_, count) =>
      count === 1 ? new Promise((resolve) => (release = resolve)) : { status: 204 },
    )
    const sink = await bench.subscriber()
    const triggers = [trigger('t0', subscriber, { delivery: delivery(0, sink) })]
    const broker = await bench.broker({ brokers, triggers })
    await send(broker.addresses.main, { id: 'held' })
    await subscriber.got(1)
    proxies[0]?.cut()
    await expect.poll(() => send(broker.addresses.main, { id: 'refused' })).toBe(503)
    // Acknowledged on a closed channel: neither a crash nor an acknowledgement.
    release({ status: 204 })
    proxies[0]?.recover()
    await expect.poll(() => send(broker.addresses.main, { id: 'later' }), { timeout: 10_000 }).toBe(202)
    await subscriber.got(3)
    expect(subscriber.ids().slice(0, 3)).toEqual(['held', 'held', 'later'])
    await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ dropped: 0, deadLettered: 0, inFlight: 0 })
    expect(broker.violations()).toEqual([])
  })

  test('a failure that ends after the channel died is dead-lettered after redelivery, not lost', async () => {
    let release: (answer: { status: number }) => void = () => undefined
    const subscriber = await bench.subscriber((_, count) =>
      count === 1 ? new Promise((resolve) => (release = resolve)) : { status: 503 },
    )
    const sink = await bench.subscriber()
    const triggers = [trigger('t0', subscriber, { delivery: delivery(0, sink) })]
    const broker = await bench.broker({ brokers, triggers })
    await send(broker.addresses.main)
    await subscriber.got(1)
    proxies[0]?.cut()
    await expect.poll(() => send(broker.addresses.main, { id: 'refused' })).toBe(503)
    release({ status: 503 })
    proxies[0]?.recover()
    const [dead] = await sink.got(1)
    expect(dead?.headers['ce-id']).toBe('event-1')
    expect(broker.violations()).toEqual([])
  })

  test('start fails with the cause when RabbitMQ cannot be reached in time', async () => {
    const options = { ...quiet, topology: { brokers, triggers: [] }, namespace: 'none', startTimeoutMs: 300 }
    const failure = startRabbitBroker({ ...options, amqpUrl: 'amqp://127.0.0.1:1' })
    await expect(failure).rejects.toThrow('RabbitMQ did not accept the topology in 300 ms.')
    await expect(failure).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })

  test('two instances share the work, and every event is delivered once', async () => {
    const namespace = newNamespace()
    const subscriber = await bench.subscriber()
    const topology = { brokers, triggers: [trigger('t0', subscriber, { parallelism: 5 })] }
    const instances = await Promise.all([1, 2].map(() => startRabbitBroker({ ...quiet, amqpUrl, topology, namespace })))
    const ids = Array.from({ length: 60 }, (_, n) => `e${n}`)
    await Promise.all(ids.map((id, n) => send(instances[n % 2]?.addresses.main, { id })))
    // RabbitMQ may deliver everything to the first consumer before the second is registered: more is sent until both had some.
    await vi.waitFor(
      async () => {
        const stats = await Promise.all(instances.map((instance) => instance.stats()))
        const shares = stats.map((each) => each.t0?.delivered ?? 0)
        if (Math.min(...shares) > 0) return
        ids.push(`e${ids.length}`)
        await send(instances[0]?.addresses.main, { id: `e${ids.length - 1}` })
        throw new Error(`The shares are ${shares.join(' and ')}`)
      },
      { timeout: 20_000, interval: 100 },
    )
    await subscriber.got(ids.length)
    expect(subscriber.ids().sort()).toEqual(ids.sort())
    for (const instance of instances) await instance.close()
    await deleteTopology(topology, { namespace })
  })

  test.runIf(canStartRabbitServer)(
    'RabbitMQ killed and restarted in mid-stream loses nothing that was confirmed',
    { timeout: 120_000 },
    async () => {
      const server = await startRabbitServer()
      closers.push(server.stop)
      const subscriber = await bench.subscriber()
      const topology = { brokers, triggers: [trigger('t0', subscriber, { parallelism: 3 })] }
      const broker = await startRabbitBroker({ ...quiet, amqpUrl: server.amqpUrl, topology, namespace: 'restart' })
      closers.unshift(() => broker.close({ drainMs: 0 }))
      // RabbitMQ 3.10 writes the name of a new quorum queue to disk late: killed in the first seconds of a queue's life,
      // it starts the queue again under another name, and never elects a leader. A clean restart writes the name.
      await server.shutDown()
      await server.start()
      const confirmed: string[] = []
      let refused = 0
      let stopped = false
      const producer = async (name: string) => {
        for (let n = 0; !stopped; n += 1) {
          const id = `${name}${n}`
          const status = await send(broker.addresses.main, { id }).catch(() => 0)
          if (status === 202) confirmed.push(id)
          else {
            refused += 1
            await sleep(20)
          }
        }
      }
      closers.unshift(async () => {
        stopped = true
      })
      const producers = ['a', 'b', 'c', 'd'].map(producer)
      await expect.poll(() => confirmed.length, { timeout: 30_000 }).toBeGreaterThan(100)
      await server.kill()
      await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(0)
      const before = confirmed.length
      await server.start()
      await expect.poll(() => confirmed.length, { timeout: 30_000 }).toBeGreaterThan(before + 100)
      stopped = true
      await Promise.all(producers)
      const missing = () => {
        const ids = new Set(subscriber.ids())
        return confirmed.filter((id) => !ids.has(id))
      }
      await expect.poll(missing, { timeout: 30_000 }).toEqual([])
    },
  )
})
