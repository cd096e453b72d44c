import type {
  CronTrigger,
  FunctionSpec,
  HttpTrigger,
  QueueTrigger,
  Schedule,
} from '../../functions/_lib/process/function-spec.ts'

export type HttpSpec = FunctionSpec & { trigger: HttpTrigger }
export type QueueSpec = FunctionSpec & { trigger: QueueTrigger }
export type CronSpec = FunctionSpec & { trigger: CronTrigger }
export type TriggerKind = 'http' | 'queue' | 'cron'

export function triggerKindOf({ trigger }: Pick<FunctionSpec, 'trigger'>): TriggerKind {
  if ('queue' in trigger) return 'queue'
  return 'schedules' in trigger ? 'cron' : 'http'
}

export const isHttp = (spec: FunctionSpec): spec is HttpSpec => triggerKindOf(spec) === 'http'
export const isQueue = (spec: FunctionSpec): spec is QueueSpec => triggerKindOf(spec) === 'queue'
export const isCron = (spec: FunctionSpec): spec is CronSpec => triggerKindOf(spec) === 'cron'

export const schedulesOf = ({ trigger }: Pick<FunctionSpec, 'trigger'>): readonly Schedule[] =>
  'schedules' in trigger ? (trigger.schedules ?? []) : []
