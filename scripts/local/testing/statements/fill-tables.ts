import type pg from 'pg'

const rows = 20_000
/** The cost of one scanned page, as that of this many: the plan is for tables of a million rows, filled in seconds. */
const pagesForOne = 50
const people = 500

const id = (kind: string, number = 'n') => `md5('${kind} ' || ${number})::uuid`
const person = id('person', `n % ${people}`)
/** Over the last year, the newest first; `lately` is for rows that are kept for a shorter time. */
const ago = `now() - n * interval '10 minutes'`
const lately = `now() - n * interval '1 minute'`
const few = `n % 500 = 0`

/** Every table that grows with people, analyses or events, as after a year of operation. */
const filled: Record<string, string> = {
  'auth.accounts': `(user_id, display_name) select ${id('person')}, 'name'`,
  'auth.identities': `(provider, subject, user_id) select 'kakao', n, ${id('person')}`,
  'auth.login_attempts': `(login_attempt_id, provider, state, nonce, code_verifier, redirect_uri, expires_at)
    select ${id('attempt')}, 'kakao', '', '', '', '', now() + interval '10 minutes' - n * interval '2 seconds'`,
  'auth.sessions': `(session_id, user_id, created_at, ends_at, ended_at)
    select ${id('session')}, ${person}, ${lately}, ${lately} + interval '60 days', case when n % 2 = 0 then ${lately} end`,
  'auth.refresh_tokens': `(token_hash, session_id, expires_at)
    select sha256(n::text::bytea), ${id('session', 'n / 3')}, ${lately} + interval '14 days'`,
  'auth.forgotten_sessions': `(session_id, ended_at) select ${id('session')}, ${lately}`,
  'auth.profile_syncs': `(provider, subject, user_id, sync_id, event_id, traceparent, login_at, retry_at, ended_at, end_reason)
    select 'kakao', n, ${id('person')}, ${id('sync')}, ${id('event')}, '', ${ago}, ${ago},
      case when not ${few} then ${ago} end, case when not ${few} then 'synced' end`,
  'auth.provider_tokens': `(provider, subject, user_id, sealed, access_expires_at, kept_until)
    select 'naver', n, ${id('person')}, '', now(), now() + interval '30 minutes' - n * interval '1 second'`,
  'auth.provider_unlinks': `(unlink_id, event_id, traceparent, provider, retry_at, ended_at, end_reason)
    select ${id('unlink')}, ${id('event')}, '', 'naver', ${ago}, ${ago}, 'no_token'`,
  'events.outbox': `(event_id, event, created_at, next_at, sent_at)
    select ${id('event')}, '{}', ${lately}, ${lately}, case when not ${few} then ${lately} end`,
  'events.inbox': `(consumer, source, event_id, handled_at) select 'c', 's', ${id('event')}, ${lately}`,
  'events.dead_letters': `(dead_letter_id, received_at, last_received_at, consumer, kind, reason, event_id, event_source, headers, body, state)
    select ${id('letter')}, ${ago}, ${ago}, 'c' || n % 20, 'dead_letter', 'r' || n % 20, ${id('event')}, 's', '{}', '',
      case when ${few} then 'open' else 'discarded' end`,
  'events.cleanup_runs': `(event_source, event_id, run_id, turn, task, dry_run, started_at)
    select 's', ${id('event')}, ${id('run')}, 1, 't', false, ${lately}`,
  'locations.collection_points': `(collection_point_id, kind, name, latitude, longitude, accepts, source)
    select ${id('point')}, 'k', 'n', 33 + random() * 5, 125 + random() * 5, '{PAPER}', 's'`,
  'locations.geocodings': `(geocoding_id, owner_id, purpose, kind, question_key, asked_address, event_id, traceparent, retry_at,
      state, ended_at)
    select ${id('geocoding')}, ${person}, 'p', 'coordinates', n, 'somewhere', ${id('event')}, '', ${ago},
      case when ${few} then 'pending' else 'not_found' end, case when not ${few} then ${ago} end`,
  'locations.known_answers': `(question_key, answered_at) select n, ${lately}`,
  'users.profiles': `(user_id, display_name) select ${id('person')}, 'name'`,
  'users.preferences': `(user_id, language, notifications) select ${id('person')}, 'ko', '{}'`,
  'users.daily_counts': `(user_id, day, category, analyses, recyclable)
    select ${person}, current_date - n / ${people}, 'PAPER', 1, 1`,
  'users.counted_days': `(user_id, day, counted_in) select ${person}, current_date - n / ${people}, '1'`,
  'users.deletions': `(deletion_id, user_id, user_hash, event_id, traceparent, retry_at, completed_at)
    select ${id('deletion')}, case when ${few} then ${id('person')} end, encode(sha256(n::text::bytea), 'hex'), ${id('event')}, '',
      ${ago}, case when not ${few} then ${ago} end`,
  'waste.jobs': `(job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id, traceparent, redrives,
      created_at, upload_expires_at, queued_at, updated_at, finished_at, failure_reason, upload_removed_at)
    select ${id('job')}, case when ${few} then ${id('person')} else ${person} end,
      case when not ${few} then case when n % 10 = 0 then 'failed' else 'completed' end
        else (array['created', 'queued', 'processing'])[n / 500 % 3 + 1] end,
      1, 'image/jpeg', 1000, 'uploads/' || n, 'ko', ${id('event')}, '', 0, ${ago}, ${ago}, ${ago}, ${ago},
      case when not ${few} then ${ago} end,
      case when n % 10 = 0 and not ${few} then case when n % 50 = 0 then 'upload_expired' else 'model_refused' end end,
      case when n > 200 and not ${few} then now() end`,
  'waste.results': `(job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback, disposal_steps, nearby_bins,
      answered_by, model, image_sha256, photo_key, analyzed_at, photo_archived_at)
    select ${id('job')}, ${person}, 'paper', 'PAPER', true, 0.9, 'item', repeat('feedback ', 20), '[]', '[]', 'model', 'm', '',
      'photos/' || n, ${ago}, case when n > 4500 then now() end`,
  'waste.model_calls': `(job_id, fencing_token, started_at, ended_at, outcome)
    select ${id('job')}, 1, ${ago}, ${ago}, 'answered'`,
  'waste.step_outputs': `(job_id, step, output, next_step, reply)
    select ${id('job')}, 'prepare_photo', '{}', 'identify_item', '{}'`,
  'waste.changed_days': `(user_id, day, changed_in) select ${person}, current_date - n / ${people}, n::text::xid8`,
}

/** Tables that stay small, with the reason. */
export const smallTables: Record<string, string> = {
  'auth.revoked_keys': 'one row an emergency',
  'events.analytics_days': 'one row a day',
  'events.batch_periods': 'one row a day and one a week',
  'events.batch_runs': 'one row a command of operators or of the schedule, for 90 days',
  'events.outbound_services': 'one row a service',
  'events.reports': 'one row a week',
  'recycling.rules': 'one row a rule, loaded by a deployment',
  'users.aggregation': 'one row',
  'waste.model_budget': 'one row a minute, for two days',
  'waste.model_circuit': 'one row',
}

export type FilledTables = {
  /** Tables that grow, by name with schema. */
  growing: string[]
  /** Tables that are neither filled here nor declared small. */
  unknown: string[]
}

/** Fills the tables of a fresh database, without triggers, and makes `client` plan as if they were big. */
export async function fillTables(client: pg.Client): Promise<FilledTables> {
  await client.query('set session_replication_role = replica')
  for (const [table, columns] of Object.entries(filled)) {
    await client.query(`insert into ${table} ${columns} from generate_series(1, ${rows}) as n on conflict do nothing`)
  }
  await client.query('reset session_replication_role')
  await client.query('vacuum analyze')
  await client.query(`set seq_page_cost = ${pagesForOne}`)
  const { rows: found } = await client.query<{ name: string }>(`
    select schemaname || '.' || tablename as name from pg_tables
    where schemaname in ('events', 'auth', 'users', 'recycling', 'locations', 'waste', 'chat') order by 1`)
  const names = found.map(({ name }) => name)
  return {
    growing: names.filter((name) => name in filled),
    unknown: names.filter((name) => !(name in filled) && !(name in smallTables)),
  }
}
