import type { QueueName } from '../_lib/events/queue-name.ts'

/** The one function that consumes each queue, as its `function.ts` declares. */
export const queueConsumers: Record<QueueName, string> = {
  ai: 'waste-ai-analyze',
  api: 'jobs-external-call',
  sched: 'jobs-scheduled-cleanup',
  batch: 'jobs-batch-aggregate',
  dlq: 'events-dead-letter',
  image_upload: 'waste-prepare-photo',
  gpt5_analysis: 'waste-identify-item',
  rule_retrieval: 'waste-retrieve-rules',
  response_generation: 'waste-compose-answer',
}

/** Finds the consumer of a queue by its name; undefined for any other text. */
export const findQueueConsumer = (queue: string | null): string | undefined =>
  queue !== null && Object.hasOwn(queueConsumers, queue) ? queueConsumers[queue as QueueName] : undefined
