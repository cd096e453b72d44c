import type { QueueName } from '../_lib/events/queue-name.ts'

/**
 * The share of the processors and of deliveries that a queue has when there is too little for all: RabbitMQ has no priorities
 * between queues. Every step of an analysis has the weight of the whole, since each photo passes through all of them.
 */
export const queueWeight = {
  ai: 10,
  api: 5,
  sched: 3,
  batch: 1,
  dlq: 2,
  image_upload: 10,
  gpt5_analysis: 10,
  rule_retrieval: 10,
  response_generation: 10,
} as const

declare module '../_lib/events/queue-name.ts' {
  interface Queues extends Record<keyof typeof queueWeight, true> {}
}

/** Events that a dispatcher takes from RabbitMQ at once, at any parallelism: eventing-rabbitmq pkg/rabbit/connections_handler.go. */
export const dispatcherPrefetch = 100

/**
 * Concurrent deliveries of each queue: its weight, or all that a dispatcher holds where a delivery waits for the model. Such a
 * wait takes no processor and no connection, and must not delay another person's photo.
 */
export const queueParallelism: Record<QueueName, number> = {
  ...queueWeight,
  ai: dispatcherPrefetch,
  gpt5_analysis: dispatcherPrefetch,
}

/** Every queue. */
export const queueNames = Object.keys(queueWeight) as QueueName[]
