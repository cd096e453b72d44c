import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createPseudonym } from '../../_lib/access/pseudonym.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createDeletionRedriver, createDeletions } from '../tasks/deletions.pg.ts'
import { deleteAccount } from './delete-account.ts'
import { createDeletionRequester, createRecentLoginCheck } from './request-deletion.pg.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.close())

const nameOnReceipt = createPseudonym('a key for pseudonyms that is long enough', 'deletion-receipt')
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

function arrange(publish: (event: JsonCloudEvent) => Promise<void> = async () => undefined) {
  const users = database.openAs('users')
  const outbox = createOutbox({ database: users, publish, log: silentLog })
  const now = () => new Date()
  return {
    deps: {
      isRecentlyAuthenticated: createRecentLoginCheck(users),
      requestDeletion: createDeletionRequester({ database: users, outbox, nameOnReceipt, createId: createUuidV7, now }),
      flush: outbox.flush,
    },
    deletions: createDeletions(users),
    redrive: createDeletionRedriver({ database: users, outbox, now }),
  }
}

async function signIn(age: string) {
  const person = { userId: randomUUID(), sessionId: randomUUID() }
  await database.query('insert into auth.accounts (user_id) values ($1)', [person.userId])
  await database.query(
    `insert into auth.sessions (session_id, user_id, ends_at, authenticated_at)
     values ($1, $2, now() + interval '1 day', now() - $3::interval)`,
    [person.sessionId, person.userId, age],
  )
  return { ...person, traceparent }
}

const outboxOf = (deletionId: string) =>
  database.query<{ event_id: string; due: boolean }>(
    `select event_id, sent_at is null and next_at <= now() as due from events.outbox where event->>'subject' = $1`,
    [deletionId],
  )

describe('deleteAccount', () => {
  it('D1 needs a login of the last five minutes', async () => {
    const { deps } = arrange()
    await expect(deleteAccount(deps, await signIn('5 minutes 1 second'))).rejects.toMatchObject({
      code: 'forbidden',
      options: { reason: 'reauthentication_required' },
    })
    const { deletionId } = await deleteAccount(deps, await signIn('4 minutes 50 seconds'))
    expect(await outboxOf(deletionId)).toHaveLength(1)
  })

  it('requests one deletion for any number of concurrent requests', async () => {
    const published: string[] = []
    const { deps } = arrange(async (event) => void published.push(event.id))
    const person = await signIn('0 seconds')
    const answers = await Promise.all(Array.from({ length: 8 }, () => deleteAccount(deps, person)))
    expect(new Set(answers.map((answer) => answer.deletionId)).size).toBe(1)
    expect(published).toHaveLength(1)
    expect(await outboxOf(answers[0]?.deletionId ?? '')).toEqual([{ event_id: published[0], due: false }])
  })
})

describe('a deletion that has not moved for too long', () => {
  const makeDue = (deletionId: string) =>
    database.query(`update users.deletions set retry_at = now() where deletion_id = $1`, [deletionId])

  it('has its command published again under the same event id, by one of several relays', async () => {
    const { deps, redrive } = arrange()
    const { deletionId } = await deleteAccount(deps, await signIn('0 seconds'))
    const [first] = await outboxOf(deletionId)
    await makeDue(deletionId)
    const redriven = await Promise.all([redrive(), redrive(), redrive()])
    expect(redriven.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(await outboxOf(deletionId)).toEqual([{ event_id: first?.event_id, due: true }])
    expect(await redrive()).toBe(0)
  })

  it('has its command published again at once when a delivery ran out of time, and never when it is final', async () => {
    const { deps, deletions, redrive } = arrange()
    const { deletionId } = await deleteAccount(deps, await signIn('0 seconds'))
    expect(await redrive()).toBe(0)
    await deletions.resumeSoon(deletionId)
    expect(await redrive()).toBe(1)
    expect(await redrive()).toBe(0)
    await database.query(`update users.deletions set user_id = null, completed_at = now() where deletion_id = $1`, [
      deletionId,
    ])
    await deletions.resumeSoon(deletionId)
    expect(await redrive()).toBe(0)
  })

  it('runs once more only after the last token and an upload URL issued with it have expired', async () => {
    const { deps, deletions, redrive } = arrange()
    const person = await signIn('0 seconds')
    const { deletionId } = await deleteAccount(deps, person)
    await deletions.complete(deletionId)
    const pass = (seconds: number) =>
      database.query(
        `update users.deletions set completed_at = completed_at - make_interval(secs => $2::integer),
           retry_at = retry_at - make_interval(secs => $2::integer) where deletion_id = $1`,
        [deletionId, seconds],
      )
    // A token is accepted for a minute after its session ended, and an upload URL issued at that moment for five more.
    await pass(6 * 60)
    expect(await redrive()).toBe(0)
    await deletions.complete(deletionId)
    expect(await deletions.findPerson(deletionId)).toBe(person.userId)
    await pass(60)
    await deletions.complete(deletionId)
    expect(await deletions.findPerson(deletionId)).toBeNull()
  })

  it('runs once more after the last token has expired, and then the id of the person is removed', async () => {
    const { deps, deletions, redrive } = arrange()
    const person = await signIn('0 seconds')
    const { deletionId } = await deleteAccount(deps, person)
    await deletions.complete(deletionId)
    expect(await deletions.findPerson(deletionId)).toBe(person.userId)
    expect(await redrive()).toBe(0)
    await database.query(
      `update users.deletions set completed_at = completed_at - interval '8 minutes', retry_at = now() where deletion_id = $1`,
      [deletionId],
    )
    expect(await redrive()).toBe(1)
    await deletions.complete(deletionId)
    expect(await deletions.findPerson(deletionId)).toBeNull()
    const [receipt] = await database.query(
      'select user_id, user_hash, hashed_with, completed_at is not null as completed from users.deletions where deletion_id = $1',
      [deletionId],
    )
    expect(receipt).toEqual({
      user_id: null,
      user_hash: nameOnReceipt(person.userId),
      hashed_with: 'hmac-sha256',
      completed: true,
    })
    await makeDue(deletionId)
    expect(await redrive()).toBe(0)
  })
})
