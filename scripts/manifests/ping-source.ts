import { domainOf, type FunctionSpec, type Schedule, tickExtensions } from '../../functions/_lib/function-spec.ts'
import { labelsOf } from './labels.ts'
import type { Resource } from './resource.ts'
import { broker, messagingNamespace } from './trigger.ts'
import { type CronSpec, isQueue, type QueueSpec } from './trigger-kind.ts'

/** Unique in its namespace, and not doubled for a schedule that already carries the name of its function. */
export function pingSourceName(functionName: string, scheduleName: string): string {
  return scheduleName.startsWith(functionName) ? scheduleName : `${functionName}-${scheduleName}`
}

/** Where the cron sources of a function are: a ref to their sink cannot leave their namespace. */
export function pingSourceNamespace(spec: FunctionSpec): string {
  return isQueue(spec) ? messagingNamespace : domainOf(spec)
}

/** One cron source for each schedule: to the broker for a queue, else straight to the function, which works without a broker. */
export function renderPingSources(spec: CronSpec | QueueSpec): Resource[] {
  const sink = isQueue(spec)
    ? { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: broker }
    : { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: spec.name }
  return (spec.trigger.schedules ?? []).map((schedule: Schedule) => ({
    apiVersion: 'sources.knative.dev/v1',
    kind: 'PingSource',
    metadata: {
      name: pingSourceName(spec.name, schedule.name),
      namespace: pingSourceNamespace(spec),
      labels: labelsOf(spec),
    },
    spec: {
      schedule: schedule.cron,
      timezone: 'Asia/Seoul',
      contentType: 'application/json',
      data: JSON.stringify(schedule.body),
      ceOverrides: { extensions: tickExtensions(spec.trigger, schedule) },
      sink: { ref: sink },
    },
  }))
}
