import { expect, test } from 'vitest'
import { readLocalDeployment } from '../../scripts/local/platform/deployment/read-local-deployment.ts'
import { queueConsumers } from './queue-consumers.ts'

test('the consumer of each queue is the function that its trigger delivers to', async () => {
  const { triggers } = await readLocalDeployment('stages')
  // Dead letters keep the attribute of the queue they died in, so the trigger of their broker filters on none.
  const found = triggers.map(({ filter, subscriber }) => [
    filter.queue ?? 'dlq',
    'service' in subscriber ? subscriber.service : undefined,
  ])
  expect(Object.fromEntries(found)).toEqual(queueConsumers)
  expect(found).toHaveLength(Object.keys(queueConsumers).length)
})
