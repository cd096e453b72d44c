import type { World } from '../world/world.ts'
import type { EffectKind, Effects, JobRow } from './history.ts'

const jobsSql = `
  select job_id as "jobId", state, failure_reason as "failureReason", fencing_token as leases, redrives,
    extract(epoch from created_at)::float8 * 1000 as "createdAtMs", extract(epoch from queued_at)::float8 * 1000 as "queuedAtMs",
    extract(epoch from finished_at)::float8 * 1000 as "finishedAtMs"
  from waste.jobs where created_at >= $1`

/** Everything that the run has left in the database, in the queues, and in the call count of the model. */
export async function readEffects(
  world: Pick<World, 'query' | 'broker' | 'model'>,
  since: { databaseTime: string; modelCalls: number },
): Promise<Effects> {
  const at = [since.databaseTime]
  const [jobs, effects, results, modelCalls, handled, outbox, deadLetters, stats] = await Promise.all([
    world.query<JobRow>(jobsSql, at),
    world.query<{ jobId: string; kind: EffectKind; atMs: number }>(
      `select job_id as "jobId", kind, extract(epoch from at)::float8 * 1000 as "atMs" from faults_audit.effects where at >= $1`,
      at,
    ),
    world.query<{ jobId: string; category: string }>(
      'select job_id as "jobId", category from waste.results join waste.jobs using (job_id) where created_at >= $1',
      at,
    ),
    world.query<{ jobId: string; outcome: string | null }>(
      'select job_id as "jobId", outcome from waste.model_calls join waste.jobs using (job_id) where created_at >= $1',
      at,
    ),
    world.query<{ jobId: string; times: number }>(
      `select job_id as "jobId", count(*)::integer as times from waste.jobs
       join events.inbox on inbox.event_id = jobs.event_id::text and inbox.consumer like 'waste-%'
       where created_at >= $1 group by job_id`,
      at,
    ),
    world.query<{ pending: number; parked: number }>(
      `select count(*) filter (where sent_at is null and parked_at is null)::integer as pending,
         count(*) filter (where parked_at is not null)::integer as parked
       from events.outbox where created_at >= $1`,
      at,
    ),
    world.query<{ reason: string; eventType: string | null; kind: string }>(
      'select reason, event_type as "eventType", kind from events.dead_letters where last_received_at >= $1',
      at,
    ),
    world.broker.stats(),
  ])
  return {
    jobs,
    effects,
    results,
    modelCalls,
    modelCallsSeen: world.model.calls().total - since.modelCalls,
    handled: new Map(handled.map(({ jobId, times }) => [jobId, times])),
    outboxPending: outbox[0]?.pending ?? 0,
    outboxParked: outbox[0]?.parked ?? 0,
    deadLetters,
    messagesLeft: Object.values(stats).reduce((sum, { ready, inFlight }) => sum + ready + inFlight, 0),
  }
}

/** What is still under way: queued jobs without an end, unpublished events, messages in queues. */
export async function countUnsettled(world: Pick<World, 'query' | 'broker'>, databaseTime: string) {
  const [rows] = await world.query<{ jobs: number; events: number }>(
    `select (select count(*) from waste.jobs where created_at >= $1 and state in ('queued', 'processing'))::integer as jobs,
       (select count(*) from events.outbox where sent_at is null and parked_at is null)::integer as events`,
    [databaseTime],
  )
  const stats = await world.broker.stats()
  const messages = Object.values(stats).reduce((sum, { ready, inFlight }) => sum + ready + inFlight, 0)
  return { jobs: rows?.jobs ?? 0, events: rows?.events ?? 0, messages }
}
