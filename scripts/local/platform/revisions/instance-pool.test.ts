import { expect, test } from 'vitest'
import type { FunctionProcess } from './function-process.ts'
import { createInstancePool, type InstancePoolOptions } from './instance-pool.ts'

const never = new AbortController().signal

/** Processes whose start and end the test decides. */
function createProcesses() {
  const starts: { succeed: () => FakeProcess; fail: () => void }[] = []
  let lastId = 0
  const startProcess = () =>
    new Promise<FunctionProcess>((resolve, reject) => {
      starts.push({
        succeed: () => {
          lastId += 1
          const { promise: ended, resolve: end } = Promise.withResolvers<{ clean: boolean }>()
          const fake: FakeProcess = {
            processId: lastId,
            port: 1,
            ended,
            crash: () => end({ clean: false }),
            stops: 0,
            stop: async () => {
              fake.stops += 1
              end({ clean: true })
            },
          }
          resolve(fake)
          return fake
        },
        fail: () => reject(new Error('no such program')),
      })
    })
  return { starts, startProcess }
}
type FakeProcess = FunctionProcess & { crash: () => void; stops: number }

function createPool(options: Partial<InstancePoolOptions> = {}) {
  const { starts, startProcess } = createProcesses()
  const logged: string[] = []
  const pool = createInstancePool({
    ...{ concurrency: 2, instancesMax: 2, queueLengthMax: 10, idleMs: 60_000, graceMs: 100 },
    startProcess,
    log: (message) => logged.push(message),
    ...options,
  })
  const acquire = (left = never) => pool.acquire(60_000, left)
  return { pool, starts, logged, acquire }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function take(promise: ReturnType<ReturnType<typeof createPool>['acquire']>) {
  const acquired = await promise
  if (acquired.kind !== 'acquired') throw new Error(`expected an instance, found "${acquired.kind}"`)
  return acquired.instance
}

test('starts as many instances as the waiting requests need, and no more than allowed', async () => {
  const { pool, starts, acquire } = createPool()
  expect(starts).toHaveLength(0)
  const first = acquire()
  expect(starts).toHaveLength(1)
  const rest = [acquire(), acquire(), acquire(), acquire()]
  expect(starts).toHaveLength(2)
  for (const start of starts) start.succeed()
  await Promise.all([first, ...rest.slice(0, 3)])
  expect(pool.instances().map(({ inFlight }) => inFlight)).toEqual([2, 2])
  await pool.close()
})

test('holds the limit of requests in one instance, and serves the queue in its order', async () => {
  const { pool, starts, acquire } = createPool({ concurrency: 1, instancesMax: 1 })
  const order: number[] = []
  const asked = [1, 2, 3].map((nth) =>
    take(acquire()).then((instance) => {
      order.push(nth)
      return instance
    }),
  )
  starts[0]?.succeed()
  const instance = (await asked[0]) as Awaited<(typeof asked)[0]>
  await settled()
  expect({ order, inFlight: instance.inFlight }).toEqual({ order: [1], inFlight: 1 })
  pool.release(instance)
  await asked[1]
  pool.release(instance)
  await asked[2]
  expect({ order, inFlight: instance.inFlight }).toEqual({ order: [1, 2, 3], inFlight: 1 })
  await pool.close()
})

test('without a limit one instance takes 71 requests, and a second is started for the last', async () => {
  const { pool, starts, acquire } = createPool({ concurrency: 0 })
  const first = acquire()
  starts[0]?.succeed()
  await first
  await Promise.all(Array.from({ length: 70 }, () => acquire()))
  expect(pool.instances()[0]?.inFlight).toBe(71)
  expect(starts).toHaveLength(2)
  await pool.close()
})

test('refuses a request beyond the length of the queue', async () => {
  const { pool, acquire } = createPool({ concurrency: 1, instancesMax: 1, queueLengthMax: 2 })
  const waiting = [acquire(), acquire()]
  expect(await acquire()).toEqual({ kind: 'full' })
  await pool.close()
  expect(await Promise.all(waiting)).toEqual([{ kind: 'full' }, { kind: 'full' }])
})

test('gives up on a request that waits too long, whose place nobody then has', async () => {
  const { pool, starts } = createPool({ concurrency: 1, instancesMax: 1 })
  expect(await pool.acquire(1, never)).toEqual({ kind: 'timed_out' })
  starts[0]?.succeed()
  await settled()
  expect(pool.instances()[0]?.inFlight).toBe(0)
  await pool.close()
})

test('forgets a request whose caller has left', async () => {
  const { pool, starts, acquire } = createPool()
  const left = new AbortController()
  const asked = acquire(left.signal)
  left.abort()
  expect(await asked).toEqual({ kind: 'left' })
  starts[0]?.succeed()
  await settled()
  expect(pool.instances()[0]?.inFlight).toBe(0)
  await pool.close()
})

test('tells all who wait that an instance did not start, and tries again with the next request', async () => {
  const { pool, starts, logged, acquire } = createPool()
  const waiting = [acquire(), acquire()]
  starts[0]?.fail()
  expect(await Promise.all(waiting)).toEqual([{ kind: 'did_not_start' }, { kind: 'did_not_start' }])
  expect(logged).toEqual(['instance did not start'])
  const next = acquire()
  expect(starts).toHaveLength(2)
  starts[1]?.succeed()
  expect((await next).kind).toBe('acquired')
  await pool.close()
})

test('keeps who waits while another instance is still starting', async () => {
  const { pool, starts, acquire } = createPool({ concurrency: 1 })
  const [first, second] = [acquire(), acquire()]
  starts[0]?.fail()
  await settled()
  starts[1]?.succeed()
  const instance = await take(first)
  pool.release(instance)
  expect(await take(second)).toBe(instance)
  await pool.close()
})

test('replaces an instance that crashed for whoever waits', async () => {
  const { pool, starts, acquire } = createPool({ concurrency: 1, instancesMax: 1 })
  const first = acquire()
  const process = starts[0]?.succeed()
  await first
  const second = acquire()
  process?.crash()
  await expect.poll(() => starts.length).toBe(2)
  starts[1]?.succeed()
  expect((await take(second)).process.processId).toBe(2)
  await pool.close()
})

test('sends nothing more to a retired instance', async () => {
  const { pool, starts, acquire } = createPool({ instancesMax: 1 })
  const first = acquire()
  starts[0]?.succeed()
  pool.retire(await take(first))
  const second = acquire()
  starts[1]?.succeed()
  expect((await take(second)).process.processId).toBe(2)
  await pool.close()
})

test('stops an idle instance and keeps a busy one', async () => {
  const { pool, starts, acquire } = createPool({ concurrency: 1, idleMs: 20 })
  const [first, second] = [acquire(), acquire()]
  const processes = starts.map((start) => start.succeed())
  await first
  pool.release(await take(second))
  await expect.poll(() => pool.instances().map(({ process }) => process.processId)).toEqual([1])
  expect(processes.map(({ stops }) => stops)).toEqual([0, 1])
  await pool.close()
  expect(processes.map(({ stops }) => stops)).toEqual([1, 1])
})

test('stops an instance that was still starting when the pool closed', async () => {
  const { pool, starts, acquire } = createPool()
  const asked = acquire()
  await pool.close()
  const process = starts[0]?.succeed()
  await expect.poll(() => process?.stops).toBe(1)
  expect(await asked).toEqual({ kind: 'full' })
  expect(pool.instances()).toEqual([])
})
