import { expect, test } from 'vitest'
import { readFunctionCatalogue } from '../../scripts/local/platform/function-catalogue.ts'
import { queueConsumers } from './queue-consumers.ts'

test('the consumer of each queue is the function whose description says that it takes it', async () => {
  const specs = (await readFunctionCatalogue()).map(({ spec }) => spec)
  const found = specs.flatMap(({ name, trigger }) => ('queue' in trigger ? [[trigger.queue, name] as const] : []))
  expect(Object.fromEntries(found)).toEqual(queueConsumers)
  expect(found).toHaveLength(Object.keys(queueConsumers).length)
})
