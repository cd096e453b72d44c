/**
 * The logical queues of the deployment. `_contracts/queues.ts` adds their names by declaration merging, so that a queue which it
 * does not declare does not compile, while this folder names none.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by declaration merging, which only an interface allows.
export interface Queues {}

/** The value of the CloudEvent extension attribute `queue`, on which triggers filter. */
export type QueueName = keyof Queues & string
