import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { spawnFunction } from '../../_lib/testing/run-function.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { start } from './main.ts'
import { openTestSession } from './testing/open-session.ts'

const origin = 'https://web.growbin.test'
const page = { origin, 'x-growbin-client': 'web' }
const refreshTokenKey = 'canary-refresh-token-key-of-the-test'
const deviceId = 'canary-device-of-the-test'
const otherDevice = 'canary-device-of-a-thief'

let parts: TestParts
beforeAll(async () => {
  parts = await startTestParts()
})
afterAll(() => parts?.close())

type Tokens = { access_token: string; refresh_token: string }

// Starts a child process, on a machine that may be busy.
it('G1, G3: token reuse, another device and every kind of logout are logged, and no token, cookie, device or key is', {
  timeout: 60_000,
}, async () => {
  const keys = await createTestKeys()
  const { url, lines, stop } = await spawnFunction('auth-session', {
    ...parts.environmentOf('auth'),
    AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
    REFRESH_TOKEN_KEY: refreshTokenKey,
    WEB_ORIGINS: JSON.stringify([origin]),
    REFRESHES_PER_MINUTE_MAX: '10000',
  })
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const secrets = [refreshTokenKey, deviceId, otherDevice, String(keys.signingJwk.d)]
  const refresh = async (refreshToken: string, device = deviceId): Promise<Tokens> => {
    const body = (await (await post('refresh', { refresh_token: refreshToken, device_id: device })).json()) as Tokens
    if (body.access_token) secrets.push(body.access_token, body.refresh_token)
    return body
  }
  const open = async () => {
    const session = await openTestSession(parts.database, { deviceId })
    secrets.push(session.refreshToken)
    return session
  }

  const stolen = await open()
  await refresh(stolen.refreshToken, otherDevice)
  const { refresh_token: second } = await refresh(stolen.refreshToken)
  await refresh(second)
  await parts.database.query(`update auth.refresh_tokens set spent_at = spent_at - interval '1 minute'`)
  await refresh(second)

  const byToken = await open()
  await post('logout', { refresh_token: byToken.refreshToken })
  const byAccess = await open()
  const { access_token: accessToken } = await refresh(byAccess.refreshToken)
  await post('logout', {}, { authorization: `Bearer ${accessToken}` })
  const byCookie = await open()
  const cookie = `__Host-growbin-rt=${byCookie.refreshToken}; __Host-growbin-device=${deviceId}`
  const refreshedByCookie = await post('refresh', { client: 'web' }, { ...page, cookie })
  const inCookie = /__Host-growbin-rt=([\w-]{43})/.exec(refreshedByCookie.headers.getSetCookie().join())?.[1] ?? ''
  secrets.push(inCookie, ((await refreshedByCookie.json()) as Tokens).access_token)
  await post('logout', { client: 'web' }, { ...page, cookie: `__Host-growbin-rt=${inCookie}` })
  await post('refresh', { client: 'web' }, { origin: 'https://evil.test', cookie })
  const [revoking, revoked] = [await open(), await open()]
  await parts.database.query('update auth.sessions set user_id = $1 where session_id = $2', [
    revoking.userId,
    revoked.sessionId,
  ])
  const { access_token: ofRevoking } = await refresh(revoking.refreshToken)
  const ended = await fetch(`${url}/api/v1/auth/sessions/${revoked.sessionId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ofRevoking}` },
  })
  expect(ended.status).toBe(204)
  // A token in the URL is ignored, and must not be logged either.
  await fetch(`${url}/api/v1/auth/refresh?refresh_token=${revoking.refreshToken}`, { method: 'POST' })
  expect(await stop()).toBe(0)

  const described = lines.map((line) => JSON.parse(line) as { message: string; session_id?: string })
  const events = described
    .filter((line) => line.session_id !== undefined)
    .map(({ message, session_id }) => ({ message, session_id }))
  expect(events).toEqual([
    { message: 'A refresh token came from another device', session_id: stolen.sessionId },
    { message: 'A spent refresh token was used again; its session has ended', session_id: stolen.sessionId },
    { message: 'A person signed out', session_id: byToken.sessionId },
    { message: 'A person signed out', session_id: byAccess.sessionId },
    { message: 'A person signed out', session_id: byCookie.sessionId },
    { message: 'A person ended a session of theirs', session_id: revoked.sessionId },
  ])
  const log = lines.join('\n')
  expect(secrets.length).toBeGreaterThan(18)
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20)
    expect(log).not.toContain(secret)
    expect(log).not.toContain(Buffer.from(secret).toString('hex'))
  }
  expect(log).not.toMatch(/eyJ|__Host-|cookie/i)
})

it('R8: a refresh token in the URL is ignored', async () => {
  const keys = await createTestKeys()
  const instance = await start({
    ...parts.environmentOf('auth'),
    AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
    REFRESH_TOKEN_KEY: refreshTokenKey,
    LOG_LEVEL: 'fatal',
  })
  const { refreshToken } = await openTestSession(parts.database)
  const path = `/api/v1/auth/refresh?refresh_token=${refreshToken}`
  const headers = { 'content-type': 'application/json' }
  expect((await instance.app.request(path, { method: 'POST', headers, body: '{}' })).status).toBe(400)
  expect((await instance.app.request(path)).status).toBe(404)
  await instance.close()
})
