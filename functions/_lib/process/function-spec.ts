import type { EventContract } from '../events/event-contract.ts'
import type { QueueName } from '../events/queue-name.ts'
import { logVariables } from '../variables/groups.ts'
import type { VariableSource, Variables } from '../variables/variable.ts'

/** The node tier a function is pinned to: one of the four-node cluster, or for a function of `stages` one of the nine-node cluster. */
export type NodeName = 'application' | 'async' | 'worker-storage' | 'worker-ai'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call a route: any client, a signed-in person, or an operator of the deployment. */
export type Access = 'public' | 'person' | 'operator'

/** One public path, as the ALB and the local gateway route it. Path parameters are written `:name`. */
export type Route = {
  method: HttpMethod
  path: `/${string}`
  /** Who may call it; `person` by default. */
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
  /** Cron sources that post to the broker for this queue: a tick is queued, redelivered and dead-lettered like any event. */
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

/** Everything that is known of a function outside of its code. Manifests and the event catalogue are generated from it. */
export type FunctionSpec = {
  /** `<domain>-<operation>`: the Knative Service, the image, and the folder `functions/<domain>/<operation>`. */
  name: string
  node: NodeName
  /** Deployed only where an analysis runs as four functions. Functions without a variant are deployed in every cluster. */
  variant?: 'stages'
  trigger: HttpTrigger | QueueTrigger | CronTrigger
  /** `concurrency` is the hard limit of requests at once in one instance; 0 means no limit. */
  scale: { min: number; max: number; concurrency: number }
  resources: { cpuMillis: number; memoryMiB: number }
  /** Deadline of one request, in seconds, 60 by default. Knative also takes it as the termination grace period, so 45 is the least. */
  timeoutSeconds: number
  /** Events that it handles. `createEventApp` compiles only with a handler for each. */
  handles: readonly EventContract[]
  /** Events that it publishes. `eventsOf` makes no others for it. */
  publishes: readonly EventContract[]
  /** Its environment variables: groups of `_lib/variables/groups.ts` and of its domain, and its own. */
  variables: Variables
}

type Defaulted = 'handles' | 'publishes' | 'timeoutSeconds'
type Described = Omit<FunctionSpec, Defaulted> & Partial<Pick<FunctionSpec, Defaulted>>

type Contracts<Spec extends Described, Key extends 'handles' | 'publishes'> = Spec[Key] extends readonly EventContract[]
  ? Spec[Key]
  : readonly []

/**
 * Describes a function: the default export of every `function.ts`. `handles` and `publishes` may be omitted when they are empty, and
 * `timeoutSeconds` when it is 60. Returns the description with the types of its literals, and adds the variables of the log, which every function reads.
 */
export function defineFunction<const Spec extends Described>(
  spec: Spec,
): Omit<Spec, Defaulted | 'variables'> & {
  timeoutSeconds: number
  handles: Contracts<Spec, 'handles'>
  publishes: Contracts<Spec, 'publishes'>
  variables: typeof logVariables & Spec['variables']
} {
  return {
    timeoutSeconds: 60,
    ...spec,
    handles: (spec.handles ?? []) as Contracts<Spec, 'handles'>,
    publishes: (spec.publishes ?? []) as Contracts<Spec, 'publishes'>,
    variables: { ...logVariables, ...spec.variables },
  }
}

/** The sources of the variables that the cluster sets, by name. Variables without a source are left out. */
export function deployedVariables({ variables }: Pick<FunctionSpec, 'variables'>): Record<string, VariableSource> {
  const set = Object.entries(variables).flatMap(([name, { source }]) => (source ? [[name, source] as const] : []))
  return Object.fromEntries(set)
}

/** The name of the trigger of a queue, with hyphens, since names in Kubernetes have no underscore: `q-image-upload`. */
export const triggerNameOf = (queue: QueueName): string => `q-${queue.replaceAll('_', '-')}`

/**
 * The extension attributes that the cron source of a schedule sends. The type of a ping event is fixed, so the schedule is an extension
 * attribute; a tick for the broker also has the queue, on which triggers filter, and the task.
 */
export function tickExtensions(
  trigger: Pick<QueueTrigger, 'queue'> | CronTrigger,
  { name, body }: Schedule,
): Record<string, string> {
  if (!('queue' in trigger)) return { schedule: name }
  return { queue: trigger.queue, schedule: name, ...(typeof body.task === 'string' && { task: body.task }) }
}

/** The namespace of brokers, triggers, and the cron sources that post to a broker. */
export const messagingNamespace = 'messaging'

/** The name of a cron source, unique in its namespace: the function's name is the prefix, unless the schedule begins with it. */
export function pingSourceName(functionName: string, scheduleName: string): string {
  return scheduleName.startsWith(functionName) ? scheduleName : `${functionName}-${scheduleName}`
}

/** The namespace of a function's cron sources, which must be that of their sink. */
export function pingSourceNamespace(spec: Pick<FunctionSpec, 'name' | 'trigger'>): string {
  return 'queue' in spec.trigger ? messagingNamespace : domainOf(spec)
}

/** The attribute `source` of the events of a schedule's cron source. */
export function tickSourceOf(spec: Pick<FunctionSpec, 'name' | 'trigger'>, schedule: Pick<Schedule, 'name'>): string {
  return `/apis/v1/namespaces/${pingSourceNamespace(spec)}/pingsources/${pingSourceName(spec.name, schedule.name)}`
}

/** The domain of a function: the part of its name before the first hyphen. */
export function domainOf(spec: Pick<FunctionSpec, 'name'>): string {
  return spec.name.slice(0, spec.name.indexOf('-'))
}
