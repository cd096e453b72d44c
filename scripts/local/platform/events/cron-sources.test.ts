import { expect, it } from 'vitest'
import { startBrokerStub } from '../../../../functions/_lib/testing/broker-stub.ts'
import { scheduledSpec } from '../../../manifests/example-specs.ts'
import { readPingSource, readTrigger } from '../../../manifests/read/read-eventing.ts'
import { renderPingSources } from '../../../manifests/render/ping-source.ts'
import { renderTrigger } from '../../../manifests/render/trigger.ts'
import { startCronSources } from './cron-sources.ts'

it('posts the tick of a queue to the broker, with what its PingSource stamps and its trigger filters on', async () => {
  const broker = await startBrokerStub()
  const lost: object[] = []
  const [source] = renderPingSources(scheduledSpec).map(readPingSource)
  if (!source) return expect.fail('No cron source is rendered')
  const sources = startCronSources({
    sources: [{ ...source, schedule: '* * * * * *' }],
    urlOf: (sink) => ('broker' in sink ? broker.url : expect.fail('The function itself is asked')),
    log: (message, fields) => void lost.push({ message, ...fields }),
  })
  await expect.poll(() => broker.events.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
  await sources.close()
  await broker.close()
  const [first, second] = broker.events
  expect(first).toMatchObject({
    type: 'dev.knative.sources.ping',
    source: '/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-images',
    data: { task: 'cleanup.images' },
    extensions: { queue: 'sched', schedule: 'images', task: 'cleanup.images' },
  })
  expect(second?.id).not.toBe(first?.id)
  expect(first?.extensions).toMatchObject(readTrigger(renderTrigger(scheduledSpec)).filter)
  expect(lost).toEqual([])
})

it('sends nothing while nothing is due, and refuses a schedule that is none', async () => {
  const [source] = renderPingSources(scheduledSpec).map(readPingSource)
  if (!source) return expect.fail('No cron source is rendered')
  const start = (changed: object) =>
    startCronSources({
      sources: [{ ...source, ...changed }],
      urlOf: () => expect.fail('No tick is due'),
      log: () => undefined,
    })
  expect(() => start({ schedule: 'every day' })).toThrow()
  await start({ schedule: '0 3 1 1 *' }).close()
  expect(source).toMatchObject({ schedule: '0 3 * * *', timezone: 'Asia/Seoul' })
})
