import canonicalize from 'canonicalize'
import {
  type CronTrigger,
  type FunctionSpec,
  type QueueTrigger,
  type Schedule,
  tickExtensions,
  tickSourceOf,
} from '../process/function-spec.ts'
import type { JsonCloudEvent } from './cloud-event.ts'
import { pingType } from './event-contract.ts'

/** Whether an event says no more than that it is time for a schedule which the function declares. */
export type IsDeclaredTick = (event: JsonCloudEvent) => boolean

type DeclaredTick = { extensions: Record<string, string>; body: string | undefined }

const tickOf = (trigger: QueueTrigger | CronTrigger, schedule: Schedule): DeclaredTick => ({
  extensions: tickExtensions(trigger, schedule),
  body: canonicalize(schedule.body),
})

/**
 * Cron sources cannot sign. Their events are compared with the declared schedules as a whole, data too, so whoever forges one
 * can have declared work done at another time, and nothing else.
 */
export function createTickCheck(spec: Pick<FunctionSpec, 'name' | 'trigger'>): IsDeclaredTick {
  const { trigger } = spec
  const declared =
    'routes' in trigger
      ? new Map<string, DeclaredTick>()
      : new Map((trigger.schedules ?? []).map((schedule) => [tickSourceOf(spec, schedule), tickOf(trigger, schedule)]))
  return ({ type, source, subject, extensions, data }) => {
    const tick = declared.get(source)
    if (type !== pingType || subject !== undefined || !tick) return false
    const isSame = Object.entries(tick.extensions).every(([name, value]) => extensions[name] === value)
    return isSame && isCanonically(data, tick.body)
  }
}

function isCanonically(data: unknown, expected: string | undefined): boolean {
  try {
    return canonicalize(data) === expected
  } catch {
    // JSON may hold half of a surrogate pair, which has no canonical form.
    return false
  }
}
