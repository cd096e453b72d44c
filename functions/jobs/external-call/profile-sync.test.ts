import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CallFault } from '../../../scripts/local/simulators/call-faults.ts'
import { type LinkParts, startLocalLinkParts } from '../../../scripts/local/testing/link-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { providers } from '../../auth/provider.ts'
import { createProfileSyncRedriver } from '../../auth/tasks/profile-syncs.pg.ts'

const type = 'app.growbin.api.profile.sync.v1'

let parts: LinkParts
beforeAll(async () => {
  parts = await startLocalLinkParts()
})
afterEach(async () => {
  for (const simulator of Object.values(parts.simulators)) simulator.control.reset()
  await parts.forgetServices()
  await parts.takeDue(type)
})
afterAll(() => parts?.close())

const accountOf = async (userId: string) => {
  const [account] = await parts.database.query<{ display_name: string | null; picture_url: string | null }>(
    'select display_name, picture_url from auth.accounts_v1 where user_id = $1',
    [userId],
  )
  return account
}
const syncOf = async (userId: string) => {
  const [sync] = await parts.database.query<{ end_reason: string | null; attempts: number }>(
    'select end_reason, attempts from auth.profile_syncs where user_id = $1',
    [userId],
  )
  return sync
}
/** Seconds until the event is due again; undefined when it is not. */
const delayOf = async (event: JsonCloudEvent) => {
  const [row] = await parts.database.query<{ seconds: number }>(
    `select extract(epoch from next_at - now())::float8 as seconds from events.outbox
     where event_id = $1 and sent_at is null`,
    [event.id],
  )
  return row?.seconds
}
const makeDue = (event: JsonCloudEvent) =>
  parts.database.query('update events.outbox set next_at = now() where event_id = $1', [event.id])

async function signInAndTake(provider: 'kakao' | 'naver' | 'google', name: string) {
  const user = await parts.signIn(provider, name)
  const [event] = await parts.takeDue(type)
  if (!event) throw new Error('The login published no command')
  // The login stores a name itself, which would hide that nothing was read.
  await parts.database.query('update auth.accounts set display_name = null where user_id = $1', [user.user_id])
  return { userId: user.user_id, event }
}

const picture = expect.stringMatching(/^https:\/\/pictures\.example\.com\/simulated\/[0-9a-f]{16}\.jpg$/)

describe.each(providers)('after a login with %s', (provider) => {
  it('name and picture are read from the provider', async () => {
    const { userId, event } = await signInAndTake(provider, `read ${provider}`)
    expect(Object.keys(event.data as object)).toEqual(['sync_id'])
    expect(await parts.deliver(event)).toBe(204)
    expect(await accountOf(userId)).toEqual({ display_name: `read ${provider} (simulated)`, picture_url: picture })
    expect(await syncOf(userId)).toEqual({ end_reason: 'synced', attempts: 0 })
  })

  it('repeated and concurrent deliveries have their effect once', async () => {
    const { userId, event } = await signInAndTake(provider, `once ${provider}`)
    expect(await Promise.all(Array.from({ length: 4 }, () => parts.deliver(event)))).toEqual([204, 204, 204, 204])
    const calls = parts.simulators[provider].control.calls().profile
    expect(await parts.deliver(event)).toBe(204)
    expect(parts.simulators[provider].control.calls().profile).toBe(calls)
    expect(await accountOf(userId)).toMatchObject({ display_name: `once ${provider} (simulated)` })
    expect(await delayOf(event)).toBeUndefined()
  })

  it.each<[CallFault, number, number]>([
    ['rate_limited_with_retry_after', 40, 50],
    ['unavailable_with_retry_after', 40, 50],
    ['rate_limited', 30, 38],
  ])('%s defers the event for as long as the provider asks, and the delivery ends', async (fault, least, most) => {
    const { userId, event } = await signInAndTake(provider, `patience ${provider} ${fault}`)
    parts.simulators[provider].control.set({ queue: [fault], retryAfterSeconds: 40 })
    expect(await parts.deliver(event)).toBe(204)
    expect(parts.simulators[provider].control.calls().profile).toBe(1)
    const delay = await delayOf(event)
    expect(delay).toBeGreaterThan(least - 20)
    expect(delay).toBeLessThanOrEqual(most)
    expect(await syncOf(userId)).toEqual({ end_reason: null, attempts: 0 })
    // A delivery in the meantime is deferred without a call.
    await makeDue(event)
    expect(await parts.deliver((await parts.takeDue(type))[0] as JsonCloudEvent)).toBe(204)
    expect(parts.simulators[provider].control.calls().profile).toBe(1)
    await parts.forgetServices()
    await makeDue(event)
    expect(await parts.deliver((await parts.takeDue(type))[0] as JsonCloudEvent)).toBe(204)
    expect(await syncOf(userId)).toMatchObject({ end_reason: 'synced' })
  })

  it.each<CallFault>(['server_error', 'reset', 'malformed', 'hang'])(
    '%s is retried at once, and then deferred',
    async (fault) => {
      const { userId, event } = await signInAndTake(provider, `fails ${provider} ${fault}`)
      parts.simulators[provider].control.set({ queue: [fault, fault] })
      expect(await parts.deliver(event)).toBe(204)
      expect(await syncOf(userId)).toEqual({ end_reason: null, attempts: 1 })
      expect(await delayOf(event)).toBeGreaterThan(0)
      await makeDue(event)
      const [again] = await parts.takeDue(type)
      expect(again?.id).toBe(event.id)
      parts.simulators[provider].control.set({ queue: [fault] })
      expect(await parts.deliver(again as JsonCloudEvent)).toBe(204)
      expect(await accountOf(userId)).toMatchObject({ display_name: expect.stringContaining('(simulated)') })
    },
    30_000,
  )

  it('a person who was deleted meanwhile is skipped', async () => {
    const { userId, event } = await signInAndTake(provider, `gone ${provider}`)
    await parts.database.query('delete from auth.accounts where user_id = $1', [userId])
    expect(await parts.deliver(event)).toBe(204)
    expect(parts.simulators[provider].control.calls().profile).toBe(0)
  })

  it('a later login replaces an earlier one, whose event then changes nothing', async () => {
    const first = await signInAndTake(provider, `order ${provider}`)
    const later = await signInAndTake(provider, `order ${provider}`)
    expect(later.userId).toBe(first.userId)
    expect(await parts.deliver(first.event)).toBe(204)
    expect(await accountOf(first.userId)).toMatchObject({ display_name: null })
    expect(await parts.deliver(later.event)).toBe(204)
    expect(await accountOf(first.userId)).toMatchObject({ display_name: `order ${provider} (simulated)` })
  })
})

it('a token that the provider refuses ends the sync', async () => {
  for (const provider of ['naver', 'google'] as const) {
    const { userId, event } = await signInAndTake(provider, `refused ${provider}`)
    parts.simulators[provider].control.set({ queue: ['unauthorized'] })
    expect(await parts.deliver(event)).toBe(204)
    expect(await syncOf(userId)).toMatchObject({ end_reason: 'token_refused' })
    expect(await delayOf(event)).toBeUndefined()
    expect(await parts.deliver(event)).toBe(204)
    expect(parts.simulators[provider].control.calls().profile).toBe(1)
  }
})

it('a refused key of ours, or a person whom Kakao no longer knows, ends the sync', async () => {
  const refused = await signInAndTake('kakao', 'own key')
  parts.simulators.kakao.control.set({ queue: ['unauthorized'] })
  expect(await parts.deliver(refused.event)).toBe(204)
  expect(await syncOf(refused.userId)).toMatchObject({ end_reason: 'own_key_refused' })
  const unlinked = await signInAndTake('kakao', 'unlinked at Kakao')
  const [{ subject } = { subject: '' }] = await parts.database.query<{ subject: string }>(
    'select subject from auth.identities where user_id = $1',
    [unlinked.userId],
  )
  await fetch(`${parts.simulators.kakao.url}/v1/user/unlink`, {
    method: 'POST',
    headers: { authorization: `KakaoAK ${parts.secrets.adminKey}` },
    body: new URLSearchParams({ target_id_type: 'user_id', target_id: subject }),
  })
  expect(await parts.deliver(unlinked.event)).toBe(204)
  expect(await syncOf(unlinked.userId)).toMatchObject({ end_reason: 'not_linked' })
})

it('expired tokens end the sync', async () => {
  const { userId, event } = await signInAndTake('naver', 'too late')
  await parts.database.query(`update auth.provider_tokens set kept_until = now() where user_id = $1`, [userId])
  expect(await parts.deliver(event)).toBe(204)
  expect(await syncOf(userId)).toMatchObject({ end_reason: 'no_token' })
})

it('a name that the person has chosen takes precedence', async () => {
  const { userId, event } = await signInAndTake('naver', 'chosen')
  await parts.database.query(`insert into users.profiles (user_id, display_name) values ($1, '내 이름')`, [userId])
  await parts.deliver(event)
  const [shown] = await parts.database.query(
    `select coalesce(profile.display_name, account.display_name) as name
     from auth.accounts_v1 account left join users.profiles profile using (user_id) where user_id = $1`,
    [userId],
  )
  expect(shown).toEqual({ name: '내 이름' })
  expect(await accountOf(userId)).toMatchObject({ display_name: 'chosen (simulated)' })
})

it('a profile that was read for an earlier login does not overwrite that of a later one', async () => {
  const { userId, event } = await signInAndTake('google', 'stale')
  await parts.database.query(
    `update auth.accounts set display_name = 'newer', profile_as_of = now() + interval '1 minute' where user_id = $1`,
    [userId],
  )
  expect(await parts.deliver(event)).toBe(204)
  expect(await accountOf(userId)).toMatchObject({ display_name: 'newer' })
})

it('a crash between the call and the commit repeats the call and loses nothing', async () => {
  const { userId, event } = await signInAndTake('kakao', 'crash')
  await parts.database.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`,
  )
  await parts.database.query(
    'create trigger cut_off before update on auth.accounts for each row execute function refuse()',
  )
  expect(await parts.deliver(event)).toBe(503)
  expect(await syncOf(userId)).toEqual({ end_reason: null, attempts: 0 })
  await parts.database.query('drop trigger cut_off on auth.accounts')
  expect(await parts.deliver(event)).toBe(204)
  expect(await accountOf(userId)).toMatchObject({ display_name: 'crash (simulated)' })
  expect(parts.simulators.kakao.control.calls().profile).toBe(2)
})

it('a lost command is published again under its own id, by one of several relays', async () => {
  const { event, userId } = await signInAndTake('kakao', 'lost')
  const redrive = createProfileSyncRedriver({ database: parts.database.openAs('auth'), now: () => new Date() })
  await parts.database.query(`update auth.profile_syncs set retry_at = now() + interval '1 hour'`)
  await parts.database.query(`update auth.profile_syncs set retry_at = now() where event_id = $1`, [event.id])
  const redriven = await Promise.all([redrive(), redrive(), redrive()])
  expect(redriven.reduce((sum, count) => sum + count, 0)).toBe(1)
  const [again] = await parts.takeDue(type)
  expect(again?.id).toBe(event.id)
  const calls = parts.simulators.kakao.control.calls().profile
  for (const _ of ['once', 'twice']) expect(await parts.deliver(again as JsonCloudEvent)).toBe(204)
  expect(parts.simulators.kakao.control.calls().profile).toBe(calls + 1)
  expect(await syncOf(userId)).toMatchObject({ end_reason: 'synced' })
  const noted = await parts.database.query('select consumer from events.inbox where event_id = $1', [event.id])
  expect(noted).toEqual([{ consumer: 'jobs-external-call' }])
})

it('counts calls by service and outcome', async () => {
  const { event } = await signInAndTake('naver', 'counted')
  await parts.deliver(event)
  expect(await parts.metrics()).toMatch(
    /outbound_calls_total\{(?=.*service="naver-login")(?=.*outcome="answered").*\} \d+/,
  )
})
