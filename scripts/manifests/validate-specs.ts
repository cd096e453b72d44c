import { Cron } from 'croner'
import { queueParallelism, queueWeight } from '../../functions/_contracts/queues.ts'
import { pingType } from '../../functions/_lib/events/event-contract.ts'
import { domainOf, type FunctionSpec, pingSourceName } from '../../functions/_lib/process/function-spec.ts'
import type { LoadedSpec } from './load-specs.ts'
import { loadBalancerPath } from './render/gateway.ts'
import { type HttpSpec, isHttp, isQueue, type QueueSpec, schedulesOf } from './trigger-kind.ts'

/** An annotation key of the load balancer is at most 63 characters and holds the name and the methods. */
const nameLengthMax = 40
/** The drain takes 30 s before the function hears of it, within this deadline. */
const timeoutSecondsMin = 45
/** `max-revision-timeout-seconds` in `knative/serving/config-defaults.patch.yaml`. */
const timeoutSecondsMax = 600
const reservedVariables = new Set(['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION', 'NODE_COMPILE_CACHE'])
const platformPaths = new Set(['/healthz', '/readyz', '/metrics'])

export function assertValidSpecs(specs: readonly LoadedSpec[]): void {
  const problems = findSpecProblems(specs)
  if (problems.length > 0)
    throw new Error(`The function specs have ${problems.length} problem(s):\n  ${problems.join('\n  ')}`)
}

/** What the types cannot say. All problems at once, each with the file it is in. */
export function findSpecProblems(specs: readonly LoadedSpec[]): string[] {
  return [
    ...specs.flatMap((loaded) => ownProblems(loaded).map((problem) => `${loaded.source}: ${problem}`)),
    ...findDuplicates(specs.flatMap(claims)),
    ...findWeightProblems(specs),
  ]
}

function ownProblems({ spec, source }: LoadedSpec): string[] {
  return [
    ...nameProblems(spec, source),
    ...scaleProblems(spec),
    ...triggerProblems(spec),
    ...contractProblems(spec),
    ...variableProblems(spec),
  ]
}

function nameProblems({ name }: FunctionSpec, source: string): string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name)) {
    return [`the name "${name}" is not "<domain>-<operation>" in lower-case letters, digits and hyphens`]
  }
  const folder = `functions/${domainOf({ name })}/${name.slice(name.indexOf('-') + 1)}`
  return [
    ...(name.length > nameLengthMax ? [`the name "${name}" is longer than ${nameLengthMax} characters`] : []),
    ...(source.endsWith(`${folder}/function.ts`) ? [] : [`the name "${name}" belongs in the folder "${folder}"`]),
  ]
}

function scaleProblems({ scale, timeoutSeconds, resources }: FunctionSpec): string[] {
  const counts = Object.values({ ...scale, ...resources, timeoutSeconds })
  if (!counts.every((count) => Number.isInteger(count) && count >= 0))
    return ['scale, resources and deadline are whole numbers']
  return [
    ...(scale.max < 1 || scale.min > scale.max
      ? [`scale ${scale.min} to ${scale.max} is empty; expected min ≤ max, max ≥ 1`]
      : []),
    ...(scale.concurrency > 1000 ? [`concurrency ${scale.concurrency} is over 1000, the most that Knative takes`] : []),
    ...(timeoutSeconds < timeoutSecondsMin || timeoutSeconds > timeoutSecondsMax
      ? [`timeoutSeconds is ${timeoutSeconds}; expected ${timeoutSecondsMin} to ${timeoutSecondsMax}`]
      : []),
  ]
}

function triggerProblems(spec: FunctionSpec): string[] {
  if (isQueue(spec)) return [...queueProblems(spec), ...schedulesOf(spec).flatMap(scheduleProblems)]
  if (isHttp(spec)) {
    const paths = spec.trigger.routes.map(({ path }) => path)
    return [
      ...(paths.length === 0 ? ['no route: expected one at least'] : []),
      ...operatorProblems(spec),
      ...paths.filter((path) => platformPaths.has(path)).map((path) => `the route "${path}" belongs to the platform`),
      ...paths
        .filter((path) => !/^(\/(:[A-Za-z_]\w*|[A-Za-z0-9._-]+))+$/.test(path))
        .map((path) => `the route "${path}" is not a path of names and ":parameters"`),
    ]
  }
  return schedulesOf(spec).flatMap(scheduleProblems)
}

/** The load balancer restricts a function as a whole, by the variable that the function itself reads. */
function operatorProblems({ trigger, variables }: HttpSpec): string[] {
  const forOperators = trigger.routes.filter(({ access }) => access === 'operator')
  if (forOperators.length === 0) return []
  const networks = variables.OPERATOR_NETWORKS?.source
  return [
    ...(forOperators.length < trigger.routes.length
      ? ['routes for operators stand beside others: they need a function of their own']
      : []),
    ...(networks && 'value' in networks ? [] : ['routes for operators need a value of "OPERATOR_NETWORKS"']),
  ]
}

function queueProblems({ trigger, scale, timeoutSeconds }: QueueSpec): string[] {
  const slots = scale.concurrency * scale.max
  const parallelism = queueParallelism[trigger.queue]
  const scheduled = (trigger.schedules ?? []).length > 0
  if (scheduled && trigger.queue === 'dlq') return ['queue "dlq" takes no schedules: its trigger is on another broker']
  if (scale.concurrency === 0) return ['a queue function needs a hard limit: concurrency is 0, which means none']
  return [
    ...(slots < parallelism
      ? [
          `${scale.max} instances × ${scale.concurrency} requests are ${slots} slots, fewer than the ${parallelism} deliveries at once of queue "${trigger.queue}"`,
        ]
      : []),
    ...(trigger.timeoutSeconds > timeoutSeconds
      ? [`the delivery waits ${trigger.timeoutSeconds} s, longer than the function may run (${timeoutSeconds} s)`]
      : []),
  ]
}

function scheduleProblems({ name, cron }: { name: string; cron: string }): string[] {
  const problems = /^[a-z][a-z0-9-]*$/.test(name) ? [] : [`the schedule name "${name}" is not lower-case with hyphens`]
  // PingSource takes five fields, or six with leading seconds; croner would take a seventh.
  if (![5, 6].includes(cron.trim().split(/\s+/).length))
    return [...problems, `the schedule "${cron}" has not 5 or 6 fields`]
  try {
    new Cron(cron, { timezone: 'Asia/Seoul', paused: true })
    return problems
  } catch (error) {
    return [...problems, `the schedule "${cron}" is no cron expression: ${(error as Error).message}`]
  }
}

function variableProblems({ variables }: FunctionSpec): string[] {
  return Object.entries(variables).flatMap(([key, { schema, source }]) => {
    if (source && reservedVariables.has(key)) return [`the variable "${key}" is set by the platform`]
    return [
      ...(/^[A-Z][A-Z0-9_]*$/.test(key) ? [] : [`the variable "${key}" is not in capitals with underscores`]),
      // A variable with a default may be left to it; any other stops the function at start.
      ...(source || schema.safeParse(undefined).success
        ? []
        : [`the variable "${key}" is required, and has no source in the cluster`]),
    ]
  })
}

/** What it handles comes from its own queue, and each type has one handler; what it publishes is never a tick. */
function contractProblems({ name, trigger, handles, publishes }: FunctionSpec): string[] {
  const queue = 'queue' in trigger ? trigger.queue : undefined
  const twins = [...Map.groupBy(handles, ({ type }) => type)].filter(([, same]) => same.length > 1)
  return [
    ...('routes' in trigger && handles.length > 0 ? [`"${name}" answers requests, and cannot handle events`] : []),
    ...handles
      .filter((contract) => queue !== undefined && contract.queue !== queue)
      .map(({ type, queue: other }) => `handles "${type}" of the queue "${other}", and takes the queue "${queue}"`),
    ...twins.map(([type]) => `handles "${type}" twice`),
    ...publishes.filter(({ type }) => type === pingType).map(() => 'publishes a tick, which only cron sources send'),
  ]
}

/** Under contention the processors are divided by what is asked for, so that must follow the weights of the queues. */
function findWeightProblems(specs: readonly LoadedSpec[]): string[] {
  const queues = specs.flatMap(({ spec, source }) =>
    isQueue(spec) && spec.variant === undefined && spec.trigger.queue !== 'dlq'
      ? [{ queue: spec.trigger.queue, source, cpuMillis: spec.resources.cpuMillis * spec.scale.max }]
      : [],
  )
  return queues.flatMap((light) =>
    queues
      .filter((heavy) => queueWeight[heavy.queue] > queueWeight[light.queue] && heavy.cpuMillis < light.cpuMillis)
      .map(
        (heavy) =>
          `${light.source}: asks for ${light.cpuMillis} m of processors in all, more than the ${heavy.cpuMillis} m of queue "${heavy.queue}", which outweighs "${light.queue}"`,
      ),
  )
}

type Claim = { what: string; source: string }

/** Things that only one function may have. Two triggers on one queue would each get every event. */
function claims({ spec, source }: LoadedSpec): Claim[] {
  const claim = (what: string): Claim => ({ what, source })
  if (isHttp(spec))
    return spec.trigger.routes.map(({ method, path }) => claim(`route "${method} ${loadBalancerPath(path)}"`))
  const schedules = schedulesOf(spec).map(({ name }) => claim(`schedule "${pingSourceName(spec.name, name)}"`))
  return isQueue(spec) ? [claim(`queue "${spec.trigger.queue}"`), ...schedules] : schedules
}

function findDuplicates(all: readonly Claim[]): string[] {
  const owners = Map.groupBy(all, ({ what }) => what)
  return [...owners]
    .filter(([, taken]) => taken.length > 1)
    .map(([what, taken]) => `${what} is taken twice: ${taken.map(({ source }) => source).join(' and ')}`)
}
