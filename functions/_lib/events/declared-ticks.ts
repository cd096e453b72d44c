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

/** Whether an event is exactly what a cron source sends for a schedule that the function declares. */
export type IsDeclaredTick = (event: JsonCloudEvent) => boolean

type DeclaredTick = { extensions: Record<string, string>; body: string | undefined }

const tickOf = (trigger: QueueTrigger | CronTrigger, schedule: Schedule): DeclaredTick => ({
  extensions: tickExtensions(trigger, schedule),
  body: canonicalize(schedule.body),
})

/**
 * A check of unsigned ticks for one function: cron sources cannot sign. An event is compared as a whole, data included, with the
 * declared schedules, so a forged tick can only start declared work at another time.
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
