import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { createTestKeys, signTestToken, type TestKeys } from '../../_lib/testing/test-keys.ts'
import { start } from './main.ts'
import { openTestSession } from './testing/open-session.ts'

let parts: TestParts
let old: TestKeys
let next: TestKeys
const instances: FunctionInstance[] = []

beforeAll(async () => {
  ;[parts, old, next] = await Promise.all([startTestParts(), createTestKeys('old-key'), createTestKeys('new-key')])
})
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.close()))
  await parts?.close()
})

/** A process with these keys, as a revision of the function has them. */
async function startWith(published: readonly TestKeys[], signing: TestKeys): Promise<FunctionInstance> {
  const instance = await start({
    ...parts.environmentOf('auth'),
    DATABASE_CONNECTIONS_MAX: '5',
    AUTH_PUBLIC_KEYS: JSON.stringify({ keys: published.flatMap((each) => each.publicKeys.keys) }),
    AUTH_SIGNING_KEY: JSON.stringify(signing.signingJwk),
    REFRESH_TOKEN_KEY: 'a key for tests that is long enough',
    REFRESHES_PER_MINUTE_MAX: '1000000',
    REFRESHES_OF_SESSION_PER_HOUR_MAX: '1000000',
    LOG_LEVEL: 'fatal',
  })
  instances.push(instance)
  return instance
}

const deviceId = 'device-of-the-rotation'

const refresh = async ({ app }: FunctionInstance, refreshToken: string) =>
  app.request('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken, device_id: deviceId }),
  })
const me = async ({ app }: FunctionInstance, accessToken: string) =>
  app.request('/api/v1/auth/me', { headers: { authorization: `Bearer ${accessToken}` } })

const clientsCount = 8

it('A5, F17: publish, sign with the new, retire the old: no verification fails under load', {
  timeout: 60_000,
}, async () => {
  const published = await startWith([old, next], old)
  const switched = await startWith([old, next], next)
  const retired = await startWith([next], next)
  // Two processes serve, and are replaced one at a time, as a rolling deployment does.
  const pool = [await startWith([old], old), await startWith([old], old)]
  const statuses = new Map<string, number>()
  const count = (call: string, status: number) =>
    statuses.set(`${call} ${status}`, (statuses.get(`${call} ${status}`) ?? 0) + 1)

  let phase = 'load'
  let turn = 0
  const pick = () => pool[turn++ % pool.length] as FunctionInstance
  const roundsOf: number[] = Array(clientsCount).fill(0)
  const clients = Array.from({ length: clientsCount }, async (_, index) => {
    let { refreshToken } = await openTestSession(parts.database, { deviceId })
    while (phase === 'load') {
      const answer = await refresh(pick(), refreshToken)
      count('refresh', answer.status)
      if (answer.status !== 200) return
      const body = (await answer.json()) as { access_token: string; refresh_token: string }
      refreshToken = body.refresh_token
      for (let call = 0; call < 4; call += 1) count('me', (await me(pick(), body.access_token)).status)
      roundsOf[index] = (roundsOf[index] ?? 0) + 1
    }
  })
  /** Resolves when every client has run a whole round: stands for the wait until no older token is valid. */
  const everybodyRefreshed = async () => {
    const before = [...roundsOf]
    await expect
      .poll(() => roundsOf.every((rounds, index) => rounds >= (before[index] ?? 0) + 2), {
        timeout: 20_000,
        interval: 5,
      })
      .toBe(true)
  }
  await everybodyRefreshed()
  for (const stage of [published, switched, retired]) {
    for (let place = 0; place < pool.length; place += 1) {
      pool[place] = stage
      await everybodyRefreshed()
    }
  }
  phase = 'over'
  await Promise.all(clients)
  expect([...statuses.keys()].sort()).toEqual(['me 200', 'refresh 200'])
  expect(statuses.get('me 200')).toBeGreaterThan(clientsCount * 7 * 4)
})

it('A5 a retired key is refused at once by a process that has the new set', async () => {
  const session = await openTestSession(parts.database)
  const retired = await startWith([next], next)
  await expectProblem(await me(retired, await signTestToken(old, session)), 401)
  expect((await me(retired, await signTestToken(next, session))).status).toBe(200)
})

it('A5 a key that signs before it is published would be refused: publishing comes first', async () => {
  const session = await openTestSession(parts.database)
  await expectProblem(await me(await startWith([old], old), await signTestToken(next, session)), 401)
})

it('A5 a refresh token outlives the key that signed beside it', async () => {
  const { refreshToken } = await openTestSession(parts.database, { deviceId })
  const before = (await (await refresh(await startWith([old], old), refreshToken)).json()) as {
    access_token: string
    refresh_token: string
  }
  const retired = await startWith([next], next)
  await expectProblem(await me(retired, before.access_token), 401)
  const answer = await refresh(retired, before.refresh_token)
  expect(answer.status).toBe(200)
  expect((await me(retired, ((await answer.json()) as { access_token: string }).access_token)).status).toBe(200)
})

it('A5 a revoked key is refused and not published by a process that still has it, and tokens of the next key are accepted', async () => {
  const [leaked, standby] = await Promise.all([createTestKeys('leaked-key'), createTestKeys('standby-key')])
  const session = await openTestSession(parts.database, { deviceId })
  // The standby key is published beside the signing one, as the runbook requires.
  const before = await startWith([leaked, standby], leaked)
  const first = (await (await refresh(before, session.refreshToken)).json()) as {
    access_token: string
    refresh_token: string
  }
  expect((await me(before, first.access_token)).status).toBe(200)
  await parts.database.query(`insert into auth.revoked_keys (key_id, reason) values ('leaked-key', 'leaked')`)
  // New processes with the same keys, which read the revocations now; no key set was rolled out.
  const unchanged = await startWith([leaked, standby], leaked)
  const switched = await startWith([leaked, standby], standby)
  for (const instance of [unchanged, switched]) await expectProblem(await me(instance, first.access_token), 401)
  const second = (await (await refresh(switched, first.refresh_token)).json()) as { access_token: string }
  for (const instance of [before, unchanged, switched]) {
    expect((await me(instance, second.access_token)).status).toBe(200)
  }
  const published = (await (await switched.app.request('/.well-known/jwks.json')).json()) as { keys: { kid: string }[] }
  expect(published.keys.map(({ kid }) => kid)).toEqual(['standby-key'])
})
