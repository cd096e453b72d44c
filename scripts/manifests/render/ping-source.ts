import {
  pingSourceName,
  pingSourceNamespace,
  type Schedule,
  tickExtensions,
} from '../../../functions/_lib/process/function-spec.ts'
import type { Resource } from '../resource.ts'
import { type CronSpec, isQueue, type QueueSpec } from '../trigger-kind.ts'
import { labelsOf } from './labels.ts'
import { broker } from './trigger.ts'

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
