import type { QueueName } from '../_lib/events/queue-name.ts'

/** The one function that takes the events of a queue, as its `function.ts` says. */
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

/** Undefined for a text that names no queue. */
export const findQueueConsumer = (queue: string | null): string | undefined =>
  queue !== null && Object.hasOwn(queueConsumers, queue) ? queueConsumers[queue as QueueName] : undefined
