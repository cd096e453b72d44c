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

/** The node tier a function is pinned to: one of the four-node cluster, or for a function of `stages` one of the nine-node cluster. */
export type NodeName = 'application' | 'async' | 'worker-storage' | 'worker-ai'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call a route: everybody, a signed-in person, or an operator of the deployment. */
export type Access = 'public' | 'person' | 'operator'

/** One public path, as the ALB and the local gateway route it. Path parameters are written `:name`. */
export type Route = {
  method: HttpMethod
  path: `/${string}`
  /** Who may call it. A signed-in person, unless it says otherwise. */
  access?: Access
}

export type HttpTrigger = { routes: readonly Route[] }

/** Delivery from one logical queue. Durations are ISO 8601. */
export type QueueTrigger = {
  queue: QueueName
  /** Deliveries after the first. */
  retries: number
  backoff: string
  backoffPolicy?: 'exponential' | 'linear'
  /** Deadline of one delivery, in seconds. */
  timeoutSeconds: number
  /** Cron sources that post to the broker, for this queue: what they send waits, is tried again and dead-lettered like any event. */
  schedules?: readonly Schedule[]
}

/** A cron source. It posts straight to a function with a `CronTrigger`, and to the broker for one with a `QueueTrigger`. */
export type Schedule = {
  name: string
  /** Five cron fields, or six with leading seconds; read in Asia/Seoul. */
  cron: string
  /** JSON object sent as the body of the event. */
  body: Record<string, unknown>
}

export type CronTrigger = { schedules: readonly Schedule[] }

/** Where the value of an environment variable comes from in the cluster. */
export type VariableSource = { secret: string; key: string } | { configMap: string; key: string } | { value: string }

/** What a deployed function is. Manifests and the local platform are both made from this. */
export type FunctionSpec = {
  /** `<domain>-<operation>`: the Knative Service, the image, and the folder `functions/<domain>/<operation>`. */
  name: string
  node: NodeName
  /** Deployed only where an analysis runs as four functions. Every cluster has the functions that name none. */
  variant?: 'stages'
  trigger: HttpTrigger | QueueTrigger | CronTrigger
  /** `concurrency` is the hard limit of requests at once in one instance; 0 means no limit. */
  scale: { min: number; max: number; concurrency: number }
  resources: { cpuMillis: number; memoryMiB: number }
  /** Deadline of one request, in seconds. Knative also takes it as the termination grace period, so 45 is the least. */
  timeoutSeconds: number
  environment: Record<string, VariableSource>
  /**
   * Connections of one instance at most, by the variable that holds the address of the database. All instances together must not
   * need more than PostgreSQL has, which the check computes.
   */
  connections?: Readonly<Record<string, number>>
}

/**
 * What a queue may have of the processors and of deliveries when there is too little for all: RabbitMQ has no priorities between
 * queues. Every step of an analysis has the weight of the whole, since all of them pass through each.
 */
export const queueWeight: Record<QueueName, number> = {
  ai: 10,
  api: 5,
  sched: 3,
  batch: 1,
  dlq: 2,
  image_upload: 10,
  gpt5_analysis: 10,
  rule_retrieval: 10,
  response_generation: 10,
}

/** Events that a dispatcher takes from RabbitMQ, whatever its parallelism: eventing-rabbitmq pkg/rabbit/connections_handler.go. */
export const dispatcherPrefetch = 100

/**
 * Deliveries at once for each queue: its weight, and all that a dispatcher holds where a delivery waits for the model. Such a
 * wait takes no processor and no connection, and must not hold up another person's photo.
 */
export const queueParallelism: Record<QueueName, number> = {
  ...queueWeight,
  ai: dispatcherPrefetch,
  gpt5_analysis: dispatcherPrefetch,
}

/** Every queue: the record above holds each name, or it does not compile. */
export const queueNames = Object.keys(queueParallelism) as QueueName[]

/** The name of the trigger of a queue; names of Kubernetes hold no underscore. */
export const triggerNameOf = (queue: QueueName): string => `q-${queue.replaceAll('_', '-')}`

/**
 * Extension attributes of what a cron source sends, for a schedule of `trigger`. The type of a ping event is fixed, so the name
 * of the schedule travels as one; for the broker also the queue, on which its triggers filter, and the task.
 */
export function tickExtensions(
  trigger: Pick<QueueTrigger, 'queue'> | CronTrigger,
  { name, body }: Schedule,
): Record<string, string> {
  if (!('queue' in trigger)) return { schedule: name }
  return { queue: trigger.queue, schedule: name, ...(typeof body.task === 'string' && { task: body.task }) }
}

/** Where brokers, triggers, and the cron sources that post to a broker are. */
export const messagingNamespace = 'messaging'

/** The name of a cron source: unique in its namespace, and not doubled for a schedule that carries the name of its function. */
export function pingSourceName(functionName: string, scheduleName: string): string {
  return scheduleName.startsWith(functionName) ? scheduleName : `${functionName}-${scheduleName}`
}

/** Where the cron sources of a function are: a ref to their sink cannot leave their namespace. */
export function pingSourceNamespace(spec: Pick<FunctionSpec, 'name' | 'trigger'>): string {
  return 'queue' in spec.trigger ? messagingNamespace : domainOf(spec)
}

/** The attribute `source` of what a cron source sends. */
export function tickSourceOf(spec: Pick<FunctionSpec, 'name' | 'trigger'>, schedule: Pick<Schedule, 'name'>): string {
  return `/apis/v1/namespaces/${pingSourceNamespace(spec)}/pingsources/${pingSourceName(spec.name, schedule.name)}`
}

/** The domain of a function: the part of its name before the first hyphen. */
export function domainOf(spec: Pick<FunctionSpec, 'name'>): string {
  return spec.name.slice(0, spec.name.indexOf('-'))
}
