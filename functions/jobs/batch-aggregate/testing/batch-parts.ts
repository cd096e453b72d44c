import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { batchAnalyticsDailyV1 } from '../../../_contracts/events/batch-analytics-daily.v1.ts'
import type { BatchRange, BatchTask } from '../../../_contracts/events/batch-range.v1.ts'
import { batchReportGenerateV1 } from '../../../_contracts/events/batch-report-generate.v1.ts'
import { batchTickV1 } from '../../../_contracts/events/batch-tick.v1.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { createEvent } from '../../../_lib/events/event-contract.ts'
import { createResources } from '../../../_lib/process/resources.ts'
import { type BrokerStub, startBrokerStub } from '../../../_lib/testing/broker-stub.ts'
import type { TestBackends } from '../../../_lib/testing/test-backends.ts'
import { toSignedMessage } from '../../../_lib/testing/test-event-keys.ts'
import { start } from '../main.ts'

export type BatchParts = TestBackends & {
  broker: BrokerStub
  environment: Record<string, string>
  /** Delivers one event, as the dispatcher does; instances are kept by their overrides. Resolves to the status. */
  deliver: (event: JsonCloudEvent, overrides?: Record<string, string>) => Promise<number>
  /** Delivers an event and every event that follows from it. Resolves to the number of deliveries. */
  workOff: (event: JsonCloudEvent, overrides?: Record<string, string>) => Promise<number>
  close: () => Promise<void>
}

/** Starts everything that `jobs-batch-aggregate` connects to. Its `close` also closes the backends; call it in `afterAll`. */
export async function startBatchParts(backends: TestBackends): Promise<BatchParts> {
  const resources = createResources()
  resources.add(backends)
  const broker = resources.add(await startBrokerStub())
  const environment = { ...backends.environmentOf('events'), BROKER_URL: broker.url, LOG_LEVEL: 'fatal' }
  const instances = new Map<string, ReturnType<typeof start>>()
  const instanceOf = (overrides: Record<string, string>) => {
    const key = JSON.stringify(overrides)
    const running =
      instances.get(key) ?? start({ ...environment, ...overrides }).then((instance) => resources.add(instance))
    instances.set(key, running)
    return running
  }
  const deliver: BatchParts['deliver'] = async (event, overrides = {}) => {
    const { app } = await instanceOf(overrides)
    return (await app.request('/', { method: 'POST', ...toSignedMessage(event) })).status
  }
  return {
    ...backends,
    broker,
    environment,
    deliver,
    workOff: async (event, overrides) => {
      let next = broker.events.length
      expect(await deliver(event, overrides)).toBe(204)
      let delivered = 1
      for (let follower = broker.events[next]; follower; follower = broker.events[next]) {
        next += 1
        delivered += 1
        expect(await deliver(follower, overrides)).toBe(204)
      }
      return delivered
    },
    close: resources.close,
  }
}

const contracts = { 'analytics.daily': batchAnalyticsDailyV1, 'report.generate': batchReportGenerateV1 }

/** Creates the command of a task for a range of days. */
export const commandOf = (task: BatchTask, range: BatchRange): JsonCloudEvent =>
  createEvent(
    contracts[task],
    { id: randomUUID(), source: '/growbin/test', subject: task, time: new Date(), traceparent: '' },
    range,
  )

/** Creates the tick of a task. */
export const tickOf = (task: BatchTask | 'batch.resume'): JsonCloudEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/apis/v1/namespaces/messaging/pingsources/jobs-batch-aggregate-analytics',
  type: batchTickV1.type,
  datacontenttype: 'application/json',
  data: { task },
  extensions: { queue: 'batch', task },
})
