import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CallFault } from '../../../scripts/local/simulators/call-faults.ts'
import { type LinkParts, startLocalLinkParts } from '../../../scripts/local/testing/link-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { type Provider, providers } from '../../auth/provider.ts'
import { createProviderLinksCleanup } from '../../auth/tasks/clean-up-provider-links.pg.ts'
import { createProviderUnlinkRedriver } from '../../auth/tasks/provider-unlinks.pg.ts'
import { start } from './main.ts'

const type = 'app.growbin.api.provider.unlink.v1'

let parts: LinkParts
beforeAll(async () => {
  parts = await startLocalLinkParts()
})
afterEach(async () => {
  for (const simulator of Object.values(parts.simulators)) simulator.control.reset()
  await parts.forgetServices()
  await parts.takeDue(type)
  await parts.database.query('delete from auth.provider_unlinks')
})
afterAll(() => parts?.close())

type Row = {
  provider: Provider
  subject: string | null
  sealed: Buffer | null
  end_reason: string | null
  attempts: number
}
const unlinks = () =>
  parts.database.query<Row>('select provider, subject, sealed, end_reason, attempts from auth.provider_unlinks')
const isLinked = (provider: Provider, name: string) => parts.simulators[provider].control.linked().includes(name)
const makeDue = () => parts.database.query('update events.outbox set next_at = now() where sent_at is null')

/** Logs a person in and deletes the account. */
async function leave(
  provider: Provider,
  name: string,
  between: (userId: string) => Promise<unknown> = async () => undefined,
) {
  const { user_id: userId } = await parts.signIn(provider, name)
  await between(userId)
  const deletion = await parts.requestDeletion(userId)
  expect(await parts.deliver(deletion)).toBe(204)
  const [event] = await parts.takeDue(type)
  return { deletion, event }
}
async function leaveAndTake(provider: Provider, name: string): Promise<JsonCloudEvent> {
  const { event } = await leave(provider, name)
  if (!event) throw new Error('The deletion published no command')
  return event
}

describe.each(providers)('after an account of %s was deleted', (provider) => {
  it('the provider removes the link, and then nothing of it is left here', async () => {
    const event = await leaveAndTake(provider, `leaves ${provider}`)
    expect(isLinked(provider, `leaves ${provider}`)).toBe(true)
    expect(await parts.database.query('select from auth.accounts')).toEqual([])
    expect(Object.keys(event.data as object)).toEqual(['unlink_id'])
    expect(await parts.deliver(event)).toBe(204)
    expect(isLinked(provider, `leaves ${provider}`)).toBe(false)
    expect(await unlinks()).toEqual([])
    expect(await parts.database.query('select from auth.provider_tokens')).toEqual([])
    expect(await parts.database.query('select from auth.profile_syncs')).toEqual([])
  })

  it('a link that is already gone counts as ended, for repeated and concurrent deliveries', async () => {
    const event = await leaveAndTake(provider, `twice ${provider}`)
    const [row] = await parts.database.query('select * from auth.provider_unlinks')
    expect(await Promise.all([parts.deliver(event), parts.deliver(event), parts.deliver(event)])).toEqual([
      204, 204, 204,
    ])
    expect(await unlinks()).toEqual([])
    // As after a crash between the call and the commit: the row exists, the link does not.
    await parts.database.query(
      `insert into auth.provider_unlinks select * from jsonb_populate_record(null::auth.provider_unlinks, $1)`,
      [JSON.stringify({ ...row, sealed: row?.sealed ? `\\x${(row.sealed as Buffer).toString('hex')}` : null })],
    )
    expect(await unlinks()).toHaveLength(1)
    expect(await parts.deliver(event)).toBe(204)
    expect(await unlinks()).toEqual([])
  })

  it.each<CallFault>([
    'server_error',
    'reset',
    'hang',
    'malformed',
    'rate_limited',
    'rate_limited_with_retry_after',
    'unavailable_with_retry_after',
  ])(
    '%s at the provider blocks neither the deletion nor the delivery, and is retried later',
    async (fault) => {
      const event = await leaveAndTake(provider, `fault ${provider} ${fault}`)
      expect(await parts.database.query('select from auth.accounts')).toEqual([])
      parts.simulators[provider].control.set({ queue: [fault, fault], queueFor: ['profile', 'token'] })
      expect(await parts.deliver(event)).toBe(204)
      expect(isLinked(provider, `fault ${provider} ${fault}`)).toBe(true)
      expect(await parts.takeDue(type)).toEqual([])
      parts.simulators[provider].control.reset()
      await parts.forgetServices()
      await makeDue()
      const [again] = await parts.takeDue(type)
      expect(again?.id).toBe(event.id)
      expect(await parts.deliver(again as JsonCloudEvent)).toBe(204)
      expect(isLinked(provider, `fault ${provider} ${fault}`)).toBe(false)
      expect(await unlinks()).toEqual([])
    },
    30_000,
  )

  it('a person who has returned meanwhile keeps the new link', async () => {
    const event = await leaveAndTake(provider, `back ${provider}`)
    await parts.signIn(provider, `back ${provider}`)
    expect(await parts.deliver(event)).toBe(204)
    expect(isLinked(provider, `back ${provider}`)).toBe(true)
    expect(await unlinks()).toEqual([])
    await parts.database.query('delete from auth.accounts')
  })

  it('it is given up after a week, with a record that identifies nobody', async () => {
    const event = await leaveAndTake(provider, `week ${provider}`)
    await parts.database.query(`update auth.provider_unlinks set ordered_at = now() - interval '7 days 1 minute'`)
    expect(await parts.deliver(event)).toBe(204)
    expect(await unlinks()).toEqual([{ provider, subject: null, sealed: null, end_reason: 'too_old', attempts: 0 }])
    await parts.database.query(`update auth.provider_unlinks set ended_at = now() - interval '91 days'`)
    for (const step of createProviderLinksCleanup(parts.database.openAs('auth'))) await step.run(undefined, false)
    expect(await unlinks()).toEqual([])
  })
})

it('Naver is called with a new token when the old one has expired', async () => {
  const event = await leaveAndTake('naver', 'run out')
  await parts.database.query(`update auth.provider_unlinks set access_expires_at = now() - interval '1 minute'`)
  expect(await parts.deliver(event)).toBe(204)
  expect(isLinked('naver', 'run out')).toBe(false)
  expect(await unlinks()).toEqual([])
})

it('a token of Google that may have expired proves nothing, and the link is recorded as not ended', async () => {
  const event = await leaveAndTake('google', 'run out')
  await parts.database.query(`update auth.provider_unlinks set access_expires_at = now() - interval '1 minute'`)
  expect(await parts.deliver(event)).toBe(204)
  expect(isLinked('google', 'run out')).toBe(true)
  expect(await unlinks()).toEqual([
    { provider: 'google', subject: null, sealed: null, end_reason: 'no_token', attempts: 0 },
  ])
})

it('without a token there is only a record', async () => {
  const { event } = await leave('google', 'no token', () => parts.database.query('delete from auth.provider_tokens'))
  expect(event).toBeUndefined()
  expect(await unlinks()).toEqual([
    { provider: 'google', subject: null, sealed: null, end_reason: 'no_token', attempts: 0 },
  ])
})

it('tokens whose key was removed count as none', async () => {
  const event = await leaveAndTake('naver', 'key')
  const keys = { current: 'other', keys: { other: Buffer.alloc(32, 'another').toString('base64') } }
  const other = await start({ ...parts.environment, PROVIDER_TOKEN_KEYS: JSON.stringify(keys) })
  try {
    expect(await parts.deliver(event, other.app)).toBe(204)
  } finally {
    await other.close()
  }
  expect(await unlinks()).toMatchObject([{ end_reason: 'no_token', sealed: null }])
})

it('a wrong key of ours is retried every hour, since the person has a right to the deletion', async () => {
  const event = await leaveAndTake('kakao', 'own key')
  parts.simulators.kakao.control.set({ queue: ['unauthorized'] })
  expect(await parts.deliver(event)).toBe(204)
  expect(await unlinks()).toMatchObject([{ end_reason: null, attempts: 1 }])
  const [row] = await parts.database.query<{ seconds: number }>(
    `select extract(epoch from next_at - now())::float8 as seconds from events.outbox where event_id = $1`,
    [event.id],
  )
  expect(row?.seconds).toBeGreaterThan(3_500)
})

it('a repeated deletion requests no second unlink', async () => {
  const { deletion } = await leave('kakao', 'swept')
  expect(await parts.deliver(deletion)).toBe(204)
  expect(await parts.takeDue(type)).toEqual([])
  expect(await unlinks()).toHaveLength(1)
})

it('a lost command is published again under its own id, by one of several relays', async () => {
  const event = await leaveAndTake('kakao', 'lost')
  const redrive = createProviderUnlinkRedriver({ database: parts.database.openAs('auth'), now: () => new Date() })
  expect(await redrive()).toBe(0)
  await parts.database.query('update auth.provider_unlinks set retry_at = now()')
  const redriven = await Promise.all([redrive(), redrive(), redrive()])
  expect(redriven.reduce((sum, count) => sum + count, 0)).toBe(1)
  const [again] = await parts.takeDue(type)
  expect(again?.id).toBe(event.id)
  for (const _ of ['once', 'twice']) expect(await parts.deliver(again as typeof event)).toBe(204)
  expect(isLinked('kakao', 'lost')).toBe(false)
})

it('the clean-up removes expired tokens and no others', async () => {
  await parts.signIn('naver', 'kept')
  await parts.signIn('google', 'not kept')
  await parts.database.query(`update auth.provider_tokens set kept_until = now() where provider = 'google'`)
  const [tokens] = createProviderLinksCleanup(parts.database.openAs('auth'))
  expect(await tokens?.run(undefined, true)).toMatchObject({ removed: { provider_tokens: 1 } })
  expect(await tokens?.run(undefined, false)).toMatchObject({ removed: { provider_tokens: 1 } })
  expect(await parts.database.query('select provider from auth.provider_tokens')).toEqual([{ provider: 'naver' }])
  await parts.database.query('delete from auth.accounts')
})
