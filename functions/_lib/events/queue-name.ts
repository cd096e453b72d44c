/**
 * The five logical queues, and those of the four steps that an analysis takes in the nine-node variant. Triggers filter on the
 * CloudEvent extension attribute `queue`.
 */
export type QueueName =
  | 'ai'
  | 'api'
  | 'sched'
  | 'batch'
  | 'dlq'
  | 'image_upload'
  | 'gpt5_analysis'
  | 'rule_retrieval'
  | 'response_generation'
