import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeAmqp } from '../../../../scripts/local/broker/codec/amqp-codec.ts'
import type { CloudEvent } from '../../../../scripts/local/broker/codec/cloud-event.ts'
import { decodeHttp } from '../../../../scripts/local/broker/codec/http-codec.ts'
import { createDispatcher, type DispatcherDeps } from '../../../../scripts/local/broker/dispatch/dispatcher.ts'
import type { Post } from '../../../../scripts/local/broker/dispatch/http-post.ts'
import type { Delivery } from '../../../../scripts/local/broker/transport.ts'
import { createViolations } from '../../../../scripts/local/broker/violations.ts'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { createOutbox } from '../../../_lib/messaging/outbox.pg.ts'
import { silentLog } from '../../../_lib/testing/silent-log.ts'
import { toSignedMessage } from '../../../_lib/testing/test-event-keys.ts'
import { createStalledJobsRedriver } from '../../tasks/stalled-jobs.pg.ts'
import { type StagedAnalysis, startStagedAnalysis } from '../../testing/staged-analysis.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../../testing/waste-parts.ts'

let parts: WasteParts<LocalWasteServers>
let staged: StagedAnalysis
let redis: Redis
let photo: Buffer
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  staged = await startStagedAnalysis(parts)
  redis = new Redis(parts.redis.url)
  photo = await readFile(join(import.meta.dirname, '../../../../scripts/photos/battery.jpg'))
})
afterAll(async () => {
  redis?.disconnect()
  await parts?.close()
})
beforeEach(async () => {
  parts.model.control.reset()
  await redis.flushall()
  await parts.database.query('truncate waste.jobs, events.outbox cascade')
})

const toMessage = (event: JsonCloudEvent): CloudEvent => {
  const { headers, body } = toSignedMessage(event)
  return decodeHttp(Object.entries(headers).flat(), Buffer.from(body))
}

/** What goes wrong once, at the event of one queue. */
type Fault = {
  post?: (post: Post) => Post
  acceptReply?: DispatcherDeps['acceptReply']
  /** The dispatcher is gone before it could acknowledge. */
  isKilled?: 'before the reply' | 'after the reply'
}

/** Runs a queue empty by the dispatcher that stands for the broker's own. Resolves to how often each queue was delivered. */
async function drain(first: JsonCloudEvent, faultyQueue: string, fault: Fault) {
  const queue: CloudEvent[] = [toMessage(first)]
  const delivered: Record<string, number> = {}
  const dead: unknown[] = []
  let isFaulty = true
  for (let event = queue.shift(); event; event = queue.shift()) {
    const name = String(event.extensions.queue)
    delivered[name] = (delivered[name] ?? 0) + 1
    const met = isFaulty && name === faultyQueue ? fault : undefined
    if (met) isFaulty = false
    await dispatch(event, name, met, queue, dead)
  }
  return { delivered, deadLetters: dead.length }
}

async function dispatch(
  event: CloudEvent,
  name: string,
  fault: Fault | undefined,
  queue: CloudEvent[],
  dead: unknown[],
) {
  const killed = new AbortController()
  const post: Post = async ({ headers, body }) => {
    const instance = staged.instances.get(name) ?? expect.fail(`No function handles "${name}"`)
    const response = await instance.app.request('/', { method: 'POST', headers, body: new Uint8Array(body) })
    const answered = Buffer.from(await response.arrayBuffer())
    return { kind: 'answered', status: response.status, rawHeaders: [...response.headers].flat(), body: answered }
  }
  const dispatcher = createDispatcher({
    plan: {
      ...{ name, kind: 'trigger', broker: 'growbin', queue: name, sink: { url: 'http://sink/' }, parallelism: 1 },
      ...{ retry: 3, backOff: { policy: 'linear', delayMs: 1 }, timeoutMs: undefined, deadLetterExchange: 'dlx' },
    },
    sinkUrl: 'http://sink/',
    post: async (request) => {
      const outcome = await (fault?.post?.(post) ?? post)(request)
      if (fault?.isKilled === 'before the reply') killed.abort()
      return outcome
    },
    acceptReply: async (reply) => {
      if (fault?.acceptReply) return fault.acceptReply(reply)
      queue.push(reply)
      return 202
    },
    sleep: async () => undefined,
    decodeDefaults: { now: () => new Date(), newId: () => 'none' },
    violations: createViolations(true, { info: () => undefined, warn: () => undefined, error: () => undefined }),
    signal: killed.signal,
  })
  let isAcknowledged = false
  const delivery: Delivery = {
    message: encodeAmqp(event),
    ack: () => {
      isAcknowledged = fault?.isKilled !== 'after the reply'
      return isAcknowledged
    },
    publish: async (_, message) => {
      dead.push(message)
      return 'confirmed'
    },
  }
  await dispatcher.dispatch(delivery)
  // RabbitMQ delivers again what was not acknowledged.
  if (!isAcknowledged) queue.push(event)
}

async function expectOneResult({ jobId }: TestJob) {
  const { query } = parts.database
  expect(await parts.jobRow(jobId)).toMatchObject({ state: 'completed' })
  expect(await query('select answered_by from waste.results where job_id = $1', [jobId])).toHaveLength(1)
  expect(await query('select outcome from waste.model_calls where job_id = $1', [jobId])).toEqual([
    { outcome: 'answered' },
  ])
  expect(parts.model.control.calls().total).toBe(1)
}

const queues = ['image_upload', 'gpt5_analysis', 'rule_retrieval'] as const
const queuesAfter = (queue: string) => [...queues, 'response_generation'].slice([...queues].indexOf(queue as never) + 1)

describe.each(queues)('a job whose step on the queue %s', (faultyQueue) => {
  const begin = async () => {
    const job = await staged.queuePhoto(photo)
    return { job, command: staged.commandOf(job) }
  }

  it('was finished when the dispatcher was killed, before it had published the reply, ends once', async () => {
    const { job, command } = await begin()
    const { delivered } = await drain(command, faultyQueue, { isKilled: 'before the reply' })
    expect(delivered[faultyQueue]).toBe(2)
    for (const later of queuesAfter(faultyQueue)) expect(delivered[later]).toBe(1)
    await expectOneResult(job)
  })

  it('was finished when the dispatcher was killed between the reply and its acknowledgement, ends once', async () => {
    const { job, command } = await begin()
    const { delivered } = await drain(command, faultyQueue, { isKilled: 'after the reply' })
    expect(delivered[faultyQueue]).toBe(2)
    await expectOneResult(job)
  })

  it('was finished and its answer lost on the way, ends once', async () => {
    const { job, command } = await begin()
    let isLost = false
    const post = (send: Post): Post => {
      return async (request) => {
        const outcome = await send(request)
        if (isLost) return outcome
        isLost = true
        return { kind: 'failed', reason: 'connection reset' }
      }
    }
    const { delivered } = await drain(command, faultyQueue, { post })
    expect(isLost).toBe(true)
    expect(delivered[faultyQueue]).toBe(1)
    await expectOneResult(job)
  })

  it('was finished while no reply could be published, is commanded again at the step after it, and ends once', async () => {
    const { job, command } = await begin()
    const { delivered, deadLetters } = await drain(command, faultyQueue, { acceptReply: async () => 500 })
    expect(deadLetters).toBe(1)
    for (const later of queuesAfter(faultyQueue)) expect(delivered[later]).toBeUndefined()
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', lease_until: null })

    await parts.database.query(`update waste.jobs set updated_at = now() - interval '2 minutes'`)
    const database = parts.database.openAs('waste')
    const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
    await createStalledJobsRedriver({ database, outbox, now: () => new Date() })()
    const [row] = await parts.database.query<{ event: JsonCloudEvent }>('select event from events.outbox')
    const again = await drain(row?.event ?? expect.fail('No command was published'), '', {})
    expect(again).toEqual({
      delivered: Object.fromEntries(queuesAfter(faultyQueue).map((name) => [name, 1])),
      deadLetters: 0,
    })
    await expectOneResult(job)
  })
})
