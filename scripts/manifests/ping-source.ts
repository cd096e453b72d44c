import { domainOf } from '../../functions/_lib/function-spec.ts'
import { labelsOf } from './labels.ts'
import type { Resource } from './resource.ts'
import type { CronSpec } from './trigger-kind.ts'

/** Unique in its namespace, and not doubled for a schedule that already carries the name of its function. */
export function pingSourceName(functionName: string, scheduleName: string): string {
  return scheduleName.startsWith(functionName) ? scheduleName : `${functionName}-${scheduleName}`
}

/** One cron source for each schedule, straight to the function: it works while the broker is away. */
export function renderPingSources(spec: CronSpec): Resource[] {
  return spec.trigger.schedules.map((schedule) => ({
    apiVersion: 'sources.knative.dev/v1',
    kind: 'PingSource',
    metadata: { name: pingSourceName(spec.name, schedule.name), namespace: domainOf(spec), labels: labelsOf(spec) },
    spec: {
      schedule: schedule.cron,
      timezone: 'Asia/Seoul',
      contentType: 'application/json',
      data: JSON.stringify(schedule.body),
      // The type of a ping event is fixed, so the name of the schedule travels as an extension attribute.
      ceOverrides: { extensions: { schedule: schedule.name } },
      sink: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: spec.name } },
    },
  }))
}
