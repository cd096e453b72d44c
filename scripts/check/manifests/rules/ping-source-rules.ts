import { Cron } from 'croner'
import { destinationProblems, type PingSource, type Trigger } from '../eventing-resources.ts'
import type { Rule } from '../rule.ts'

const kind = 'sources.knative.dev/PingSource'
const rule = (name: string, check: Rule<PingSource>['check']): Rule<PingSource> => ({ name, kind, check })

export const pingSourceRules: readonly Rule<PingSource>[] = [
  rule('ping-schedule', ({ spec }) => {
    const schedule = spec.schedule ?? ''
    if (![5, 6].includes(schedule.trim().split(/\s+/).length))
      return [`the schedule "${schedule}" has not 5 or 6 fields`]
    try {
      new Cron(schedule, { timezone: spec.timezone ?? 'UTC', paused: true })
      return []
    } catch (error) {
      return [`the schedule "${schedule}" is refused: ${(error as Error).message}`]
    }
  }),
  rule('ping-timezone', ({ spec }) =>
    spec.timezone === 'Asia/Seoul' ? [] : [`the time zone is "${spec.timezone}"; every schedule is in "Asia/Seoul"`],
  ),
  rule('ping-data', ({ spec }) => {
    if ((spec.data === undefined) === (spec.dataBase64 === undefined)) return ['expected either data or dataBase64']
    if (spec.contentType !== 'application/json' || spec.data === undefined) return []
    return isJsonObject(spec.data) ? [] : ['data is not a JSON object, which application/json requires here']
  }),
  rule('ping-extensions', ({ spec }) =>
    Object.keys(spec.ceOverrides?.extensions ?? {})
      .filter((key) => !/^[a-z0-9]{1,20}$/.test(key))
      .map((key) => `the extension attribute "${key}" is not 1 to 20 lower-case letters and digits`),
  ),
  rule('ping-queue', ({ spec }, { resources }) => {
    if (spec.sink?.ref?.kind !== 'Broker') return []
    const { queue } = spec.ceOverrides?.extensions ?? {}
    const triggers = resources.filter(({ kind }) => kind === 'Trigger') as Trigger[]
    const taken = triggers.some(
      (trigger) => trigger.spec.broker === spec.sink?.ref?.name && trigger.spec.filter?.attributes?.queue === queue,
    )
    // The broker drops what no trigger takes.
    return queue !== undefined && taken ? [] : [`no trigger of the broker takes the queue "${queue}"`]
  }),
  rule('ping-sink', (source, { resources }) => destinationProblems('the sink', source.spec.sink, source, resources)),
]

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
