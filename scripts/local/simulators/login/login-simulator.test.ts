import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type LoginSimulator,
  type LoginSimulatorOptions,
  type ProviderName,
  startLoginSimulator,
} from './login-simulator.ts'

const CLIENT_ID = 'client-for-tests'
const CLIENT_SECRET = 'secret-for-tests'
const REDIRECT_URI = 'http://127.0.0.1:3999/callback'
const PROVIDERS = ['kakao', 'naver', 'google'] as const
const SCOPES = { kakao: 'openid,profile_nickname,account_email', naver: 'openid', google: 'openid email profile' }
const insecure = { [oauth.allowInsecureRequests]: true }
const client: oauth.Client = { client_id: CLIENT_ID }

const started: LoginSimulator[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()))
})
async function start(provider: ProviderName, options: Partial<LoginSimulatorOptions> = {}) {
  const simulator = await startLoginSimulator({
    provider,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    ...options,
  })
  started.push(simulator)
  const issuer = new URL(simulator.issuer)
  const response = await oauth.discoveryRequest(issuer, insecure)
  return { simulator, server: await oauth.processDiscoveryResponse(issuer, response) }
}

async function begin(
  server: oauth.AuthorizationServer,
  provider: ProviderName,
  changes: Record<string, string | null> = {},
) {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const url = new URL(server.authorization_endpoint ?? '')
  const parameters: Record<string, string | null> = {
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: SCOPES[provider],
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    login_hint: '지민',
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
  const response = await fetch(url, { redirect: 'manual' })
  return { verifier, state, nonce, response, location: response.headers.get('location') }
}

/** A whole login by an independent client with every check on, including that of the signature. */
async function login(
  server: oauth.AuthorizationServer,
  provider: ProviderName,
  changes: Record<string, string | null> = {},
) {
  const { verifier, state, nonce, location } = await begin(server, provider, changes)
  const callback = oauth.validateAuthResponse(server, client, new URL(location ?? ''), state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretPost(CLIENT_SECRET),
    callback,
    REDIRECT_URI,
    verifier,
    { ...insecure, ...(provider === 'naver' && { additionalParameters: { state } }) },
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    requireIdToken: true,
    ...(provider !== 'naver' && { expectedNonce: nonce }),
  })
  await oauth.validateApplicationLevelSignature(server, response, insecure)
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens), nonce }
}

async function exchange(server: oauth.AuthorizationServer, form: Record<string, string>) {
  const response = await fetch(server.token_endpoint ?? '', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uri: REDIRECT_URI,
      ...form,
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const codeOf = (location: string | null) => new URL(location ?? '').searchParams.get('code') ?? ''
const errorOf = (location: string | null) => new URL(location ?? '').searchParams.get('error')
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('It did not fail.'),
    (error) => error,
  )
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe.each(PROVIDERS)('%s', (provider) => {
  const refusedStatus = provider === 'naver' ? 200 : 400

  it('logs in an independent client, and gives the same person the same subject after a restart', async () => {
    const [first, second] = [await start(provider), await start(provider)]
    const { claims } = await login(first.server, provider)
    const { claims: again } = await login(second.server, provider)
    const { claims: other } = await login(second.server, provider, { login_hint: '서연' })
    expect(claims).toMatchObject({ iss: first.simulator.issuer, aud: CLIENT_ID })
    expect(again?.sub).toBe(claims?.sub)
    expect(other?.sub).not.toBe(claims?.sub)
  })

  it('marks every answer as simulated', async () => {
    const { simulator, server } = await start(provider)
    const root = await fetch(simulator.url)
    expect(await root.json()).toMatchObject({ simulated: true })
    const { response } = await begin(server, provider)
    for (const answer of [
      root,
      response,
      await fetch(server.jwks_uri ?? ''),
      await fetch(`${simulator.url}/nothing`),
    ]) {
      expect(answer.headers.get('x-simulated')).toBe('growbin')
    }
  })

  it('asks for a name when login_hint is missing, keeping the request and escaping it', async () => {
    const { server } = await start(provider)
    const { response } = await begin(server, provider, { login_hint: null, state: '"><script>alert(1)</script>' })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('name="login_hint"')
    expect(html).toContain(`name="redirect_uri" value="${REDIRECT_URI}"`)
    expect(html).not.toContain('<script>')
  })

  it('refuses a code the second time', async () => {
    const { server } = await start(provider)
    const { location, verifier, state } = await begin(server, provider)
    const form = { code: codeOf(location), code_verifier: verifier, state }
    expect(await exchange(server, form)).toMatchObject({ status: 200, body: { access_token: expect.any(String) } })
    expect(await exchange(server, form)).toMatchObject({ status: refusedStatus, body: { error: 'invalid_grant' } })
  })

  it('refuses a code after 60 seconds', async () => {
    const clock = { at: Date.parse('2026-01-01T00:00:00Z') }
    const { server } = await start(provider, { now: () => new Date(clock.at) })
    const { location, verifier, state } = await begin(server, provider)
    const { location: late, verifier: lateVerifier, state: lateState } = await begin(server, provider)
    clock.at += 59_999
    expect(
      (await exchange(server, { code: codeOf(location), code_verifier: verifier, state })).body.error,
    ).toBeUndefined()
    clock.at += 1
    const { body } = await exchange(server, { code: codeOf(late), code_verifier: lateVerifier, state: lateState })
    expect(body.error).toBe('invalid_grant')
  })

  it.each([
    ['a wrong verifier', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:3999/other' }],
    ['an invented code', { code: 'invented' }],
    ['a wrong secret', { client_secret: 'wrong' }],
    ['another client', { client_id: 'stranger' }],
    ['an unknown grant', { grant_type: 'password' }],
  ])('refuses %s', async (_, changes) => {
    const { server } = await start(provider)
    const { location, verifier, state } = await begin(server, provider)
    const { body } = await exchange(server, { code: codeOf(location), code_verifier: verifier, state, ...changes })
    expect(body).toEqual(expect.objectContaining({ error: expect.any(String), error_description: expect.any(String) }))
    expect(body.access_token).toBeUndefined()
  })

  it('takes no verifier only where no challenge was sent', async () => {
    const { server } = await start(provider)
    const plain = { code_challenge: null, code_challenge_method: null }
    const { location, state } = await begin(server, provider, plain)
    expect((await exchange(server, { code: codeOf(location), state })).body.error).toBeUndefined()
    const stripped = await begin(server, provider, plain)
    const form = { code: codeOf(stripped.location), state: stripped.state, code_verifier: stripped.verifier }
    expect((await exchange(server, form)).body.error).toBe('invalid_grant')
  })

  it('never redirects to an unregistered address or for an unknown client', async () => {
    const { server } = await start(provider)
    const unknown: Record<string, string>[] = [
      { redirect_uri: 'https://evil.example/cb' },
      { redirect_uri: 'no url' },
      { client_id: 'stranger' },
    ]
    for (const changes of unknown) {
      const { response, location } = await begin(server, provider, changes)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(location).toBeNull()
    }
    const listed = await start(provider, { redirectUris: ['growbin://login'] })
    expect((await begin(listed.server, provider, { redirect_uri: 'growbin://login' })).location).toMatch(
      /^growbin:\/\/login\?code=/,
    )
    expect((await begin(listed.server, provider)).location).toBeNull()
  })

  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a malformed challenge', { code_challenge: 'short' }, 'invalid_request'],
    ['an unknown challenge method', { code_challenge_method: 'S512' }, 'invalid_request'],
    ['a method without a challenge', { code_challenge: null }, 'invalid_request'],
  ])('sends the client back with the error for %s', async (_, changes, error) => {
    const { server } = await start(provider)
    const { location, state } = await begin(server, provider, changes)
    expect(errorOf(location)).toBe(error)
    expect(new URL(location ?? '').searchParams.get('state')).toBe(state)
  })

  it('shows no form when the client forbids it', async () => {
    const { server } = await start(provider)
    const { location } = await begin(server, provider, { login_hint: null, prompt: 'none' })
    expect(errorOf(location)).toBe('login_required')
  })

  it('sends a person who denies back with access_denied', async () => {
    const { simulator, server } = await start(provider)
    expect(errorOf((await begin(server, provider, { simulated_denied: '1' })).location)).toBe('access_denied')
    simulator.control.set({ accessDenied: true })
    expect(errorOf((await begin(server, provider)).location)).toBe('access_denied')
  })

  it.each(['wrong_audience', 'wrong_issuer', 'expired', 'bad_signature', 'unknown_key'] as const)(
    'issues an ID token that a client refuses for %s',
    async (fault) => {
      const { simulator, server } = await start(provider)
      simulator.control.set({ idTokenFault: fault })
      expect(await failure(login(server, provider))).toBeInstanceOf(Error)
      simulator.control.reset()
      expect((await login(server, provider)).claims?.aud).toBe(CLIENT_ID)
    },
  )

  it('signs with a rotated key, and keeps or withdraws the old one', async () => {
    const { simulator, server } = await start(provider)
    const kids = async () => {
      const { keys } = (await (await fetch(server.jwks_uri ?? '')).json()) as { keys: { kid: string; d?: string }[] }
      expect(keys.every(({ d }) => d === undefined)).toBe(true)
      return keys.map(({ kid }) => kid)
    }
    const [old] = await kids()
    await simulator.control.rotateKey({ keepOld: true })
    expect(await kids()).toEqual([expect.not.stringMatching(old ?? ''), old])
    await simulator.control.rotateKey({ keepOld: false })
    expect(await kids()).toHaveLength(1)
    expect((await login(server, provider)).claims?.aud).toBe(CLIENT_ID)
  })

  it('is down for all or for single endpoints, over HTTP too, and counts the requests', async () => {
    const { simulator, server } = await start(provider)
    const control = `${simulator.url}/_control`
    await fetch(control, { method: 'POST', body: '{"down":["jwks"]}' })
    expect((await fetch(server.jwks_uri ?? '')).status).toBe(503)
    expect((await begin(server, provider)).response.status).toBe(302)
    simulator.control.set({ down: true })
    expect((await begin(server, provider)).response.status).toBe(503)
    expect(simulator.control.calls()).toEqual({ discovery: 1, jwks: 1, authorize: 2, token: 0, profile: 0 })
    const rotated = await fetch(control, { method: 'POST', body: '{"rotate_key":{"keep_old":false},"down":false}' })
    expect(await rotated.json()).toMatchObject({ down: false, id_token_fault: null, calls: { authorize: 2 } })
    for (const wrong of ['{"surprise":1}', '{"id_token_fault":"nonsense"}', 'no json']) {
      expect((await fetch(control, { method: 'POST', body: wrong })).status, wrong).toBe(400)
    }
  })

  it('is slow only for the configured endpoints', async () => {
    const { simulator, server } = await start(provider)
    simulator.control.set({ latencyMs: 60_000, slow: ['jwks'] })
    expect(await failure(fetch(server.jwks_uri ?? '', { signal: AbortSignal.timeout(30) }))).toMatchObject({
      name: 'TimeoutError',
    })
    expect((await begin(server, provider)).response.status).toBe(302)
  })

  it('lets an access token expire', async () => {
    const clock = { at: Date.now() }
    const { simulator, server } = await start(provider, { now: () => new Date(clock.at) })
    const { tokens } = await login(server, provider)
    const profile = { kakao: '/v2/user/me', naver: '/v1/nid/me', google: '/v1/userinfo' }[provider]
    expect((await fetch(simulator.url + profile, bearer(tokens.access_token))).status).toBe(200)
    clock.at += 43_200_000
    expect((await fetch(simulator.url + profile, bearer(tokens.access_token))).status).toBe(401)
  })
})

describe('nonce', () => {
  it.each(['kakao', 'google'] as const)('is echoed by %s, and can be wrong or missing', async (provider) => {
    const { simulator, server } = await start(provider)
    const { claims, nonce } = await login(server, provider)
    expect(claims?.nonce).toBe(nonce)
    for (const idTokenFault of ['wrong_nonce', 'missing_nonce'] as const) {
      simulator.control.set({ idTokenFault })
      expect(await failure(login(server, provider))).toBeInstanceOf(Error)
    }
  })

  it('is echoed by naver only when configured', async () => {
    const silent = await start('naver')
    expect((await login(silent.server, 'naver')).claims?.nonce).toBeUndefined()
    const echoing = await start('naver', { naver: { echoNonce: true } })
    const { location, verifier, state, nonce } = await begin(echoing.server, 'naver')
    const { body } = await exchange(echoing.server, { code: codeOf(location), code_verifier: verifier, state })
    expect(decodeJwt(String(body.id_token)).nonce).toBe(nonce)
  })
})

describe('kakao', () => {
  const me = async (simulator: LoginSimulator, token: string) =>
    (await fetch(`${simulator.url}/v2/user/me`, bearer(token))).text()

  it('writes identifiers beyond 2^53 as bare numbers, which JSON.parse corrupts and `sub` does not', async () => {
    const { simulator, server } = await start('kakao')
    const { tokens, claims } = await login(server, 'kakao')
    const text = await me(simulator, tokens.access_token)
    expect(text).toMatch(new RegExp(`^{"id":${claims?.sub},`))
    expect(String(JSON.parse(text).id)).not.toBe(claims?.sub)
    expect(JSON.parse(text).kakao_account).toMatchObject({
      is_email_valid: true,
      is_email_verified: true,
      profile: { nickname: '지민 (simulated)' },
    })
    const info = await (await fetch(`${simulator.url}/v1/user/access_token_info`, bearer(tokens.access_token))).text()
    expect(info).toContain(`"id":${claims?.sub},`)
    expect(JSON.parse(info)).toMatchObject({ app_id: 1_000_001, expires_in: expect.any(Number) })
    const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
    expect(await oauth.processUserInfoResponse(server, client, claims?.sub ?? '', userinfo)).toMatchObject({
      email_verified: true,
    })
  })

  it('returns an e-mail address only when there is one, and in the ID token only when it is verified', async () => {
    const { simulator, server } = await start('kakao')
    simulator.control.set({ emailMissing: ['지민'], emailUnverified: ['서연'] })
    const missing = await login(server, 'kakao')
    expect(missing.claims?.email).toBeUndefined()
    expect(JSON.parse(await me(simulator, missing.tokens.access_token)).kakao_account).toMatchObject({
      has_email: false,
    })
    const unverified = await login(server, 'kakao', { login_hint: '서연' })
    expect(unverified.claims?.email).toBeUndefined()
    expect(JSON.parse(await me(simulator, unverified.tokens.access_token)).kakao_account).toMatchObject({
      is_email_verified: false,
    })
  })

  it('issues no ID token without the scope openid', async () => {
    const { server } = await start('kakao')
    const { location, verifier } = await begin(server, 'kakao', { scope: 'profile_nickname' })
    const { body } = await exchange(server, { code: codeOf(location), code_verifier: verifier })
    expect(body).toMatchObject({
      token_type: 'bearer',
      expires_in: 43_199,
      refresh_token_expires_in: 5_184_000,
      scope: 'profile_nickname',
    })
    expect(body.id_token).toBeUndefined()
  })

  it('answers with KOE codes and -401', async () => {
    const { simulator, server } = await start('kakao')
    expect(await exchange(server, { code: 'x', client_secret: 'wrong' })).toMatchObject({
      status: 401,
      body: { error_code: 'KOE010' },
    })
    expect(await exchange(server, { code: 'x', client_id: 'wrong' })).toMatchObject({
      status: 401,
      body: { error_code: 'KOE101' },
    })
    expect(await exchange(server, { code: 'x' })).toMatchObject({ status: 400, body: { error_code: 'KOE320' } })
    const info = await fetch(`${simulator.url}/v1/user/access_token_info`, bearer('invented'))
    expect({ status: info.status, body: await info.json() }).toEqual({
      status: 401,
      body: { msg: 'this access token does not exist', code: -401 },
    })
  })

  it('renews the refresh token only in its last month', async () => {
    const clock = { at: Date.now() }
    const { server } = await start('kakao', { now: () => new Date(clock.at) })
    const { tokens } = await login(server, 'kakao')
    const refresh = () => exchange(server, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
    const early = await refresh()
    expect(early.body.access_token).toEqual(expect.any(String))
    expect(early.body).not.toHaveProperty('refresh_token')
    clock.at += 31 * 86_400_000
    const late = await refresh()
    expect(late.body.refresh_token).toEqual(expect.not.stringMatching(tokens.refresh_token ?? ''))
    expect((await refresh()).body).toMatchObject({ error: 'invalid_grant', error_code: 'KOE322' })
    const renewed = () =>
      exchange(server, { grant_type: 'refresh_token', refresh_token: String(late.body.refresh_token) })
    clock.at += 29 * 86_400_000
    expect((await renewed()).body).not.toHaveProperty('error')
    clock.at += 31 * 86_400_000
    expect((await renewed()).body).toMatchObject({ error: 'invalid_grant', error_code: 'KOE322' })
  })

  it('unlinks by token or admin key, ending every session of the person', async () => {
    const { simulator, server } = await start('kakao', { kakao: { adminKey: 'admin' } })
    const { tokens, claims } = await login(server, 'kakao')
    const unlink = (authorization: string, target: string) =>
      fetch(`${simulator.url}/v1/user/unlink`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ target_id_type: 'user_id', target_id: target }),
      })
    expect((await unlink('KakaoAK wrong', claims?.sub ?? '')).status).toBe(401)
    expect(await (await unlink('KakaoAK admin', claims?.sub ?? '')).text()).toBe(`{"id":${claims?.sub}}`)
    expect(await me(simulator, tokens.access_token)).toContain('-401')
    const again = await login(server, 'kakao')
    expect(await (await unlink(`Bearer ${again.tokens.access_token}`, '')).text()).toBe(`{"id":${claims?.sub}}`)
    expect((await unlink('KakaoAK admin', claims?.sub ?? '')).status).toBe(400)
  })
})

describe('naver', () => {
  it('writes expires_in as text and errors with HTTP 200', async () => {
    const { server } = await start('naver')
    const { location, verifier, state } = await begin(server, 'naver')
    const { body } = await exchange(server, { code: codeOf(location), code_verifier: verifier, state })
    expect(body.expires_in).toBe('3600')
    expect(await exchange(server, { code: 'invented' })).toMatchObject({
      status: 200,
      body: { error: 'invalid_grant' },
    })
    expect(await exchange(server, { code: 'x', client_secret: 'wrong' })).toMatchObject({
      status: 200,
      body: { error: 'invalid_client' },
    })
  })

  it('requires the state at both endpoints', async () => {
    const { server } = await start('naver')
    expect(errorOf((await begin(server, 'naver', { state: null })).location)).toBe('invalid_request')
    for (const wrong of [{}, { state: 'another' }] as Record<string, string>[]) {
      const { location, verifier } = await begin(server, 'naver')
      const { body } = await exchange(server, { code: codeOf(location), code_verifier: verifier, ...wrong })
      expect(body.error).toBe('invalid_request')
    }
  })

  it('has a subject for each client, different from the id of the profile', async () => {
    const { simulator, server } = await start('naver')
    const { tokens, claims } = await login(server, 'naver')
    const answer = await fetch(`${simulator.url}/v1/nid/me`, bearer(tokens.access_token))
    const profile = (await answer.json()) as { response: { id: string } }
    expect(profile).toMatchObject({ resultcode: '00', message: 'success', response: { nickname: '지민 (simulated)' } })
    expect(profile.response.id).not.toBe(claims?.sub)
    const other = await startLoginSimulator({ provider: 'naver', clientId: 'other', clientSecret: CLIENT_SECRET })
    started.push(other)
    const { location, verifier, state } = await begin(
      { issuer: other.issuer, authorization_endpoint: `${other.url}/oauth2/authorize` },
      'naver',
      { client_id: 'other' },
    )
    const { body } = await exchange(
      { issuer: other.issuer, token_endpoint: `${other.url}/oauth2/token` },
      { client_id: 'other', code: codeOf(location), code_verifier: verifier, state },
    )
    expect(decodeJwt(String(body.id_token)).sub).not.toBe(claims?.sub)
  })

  it('accepts a public client with PKCE alone, and not without', async () => {
    const { server } = await start('naver')
    const send = async (form: Record<string, string>) =>
      (
        await fetch(server.token_endpoint ?? '', {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'authorization_code',
            client_id: CLIENT_ID,
            redirect_uri: REDIRECT_URI,
            ...form,
          }),
        })
      ).json()
    const safe = await begin(server, 'naver')
    expect(await send({ code: codeOf(safe.location), state: safe.state, code_verifier: safe.verifier })).toHaveProperty(
      'id_token',
    )
    const bare = await begin(server, 'naver', { code_challenge: null, code_challenge_method: null })
    expect(await send({ code: codeOf(bare.location), state: bare.state })).toMatchObject({ error: 'invalid_client' })
  })

  it('deletes a valid token, and answers 024 for it from then on', async () => {
    const { simulator, server } = await start('naver')
    const { tokens } = await login(server, 'naver')
    const form = { grant_type: 'delete', access_token: tokens.access_token }
    expect((await exchange(server, form)).body).toMatchObject({ result: 'success' })
    expect((await exchange(server, form)).body).toMatchObject({ error: 'invalid_request' })
    const profile = await fetch(`${simulator.url}/v1/nid/me`, bearer(tokens.access_token))
    expect({ status: profile.status, body: await profile.json() }).toMatchObject({
      status: 401,
      body: { resultcode: '024' },
    })
  })
})

describe('google', () => {
  it('writes its issuer without the scheme when configured', async () => {
    const { simulator, server } = await start('google', { google: { issuerWithoutScheme: true } })
    const { location, verifier } = await begin(server, 'google')
    const { body } = await exchange(server, { code: codeOf(location), code_verifier: verifier })
    expect(decodeJwt(String(body.id_token)).iss).toBe(new URL(simulator.issuer).host)
  })

  it('names the hosted domain, azp and at_hash', async () => {
    const { server } = await start('google')
    const { claims } = await login(server, 'google', { login_hint: 'jimin@example.com' })
    expect(claims).toMatchObject({
      email: 'jimin@example.com',
      email_verified: true,
      hd: 'example.com',
      azp: CLIENT_ID,
      at_hash: expect.any(String),
      name: 'jimin (simulated)',
    })
    const { claims: personal } = await login(server, 'google', { login_hint: 'simulated.person@gmail.com' })
    expect(personal).not.toHaveProperty('hd')
  })

  it('issues a refresh token only for offline access at the first consent or a repeated one', async () => {
    const { server } = await start('google')
    const has = async (changes: Record<string, string>) =>
      (await login(server, 'google', changes)).tokens.refresh_token !== undefined
    expect(await has({ access_type: 'offline' })).toBe(true)
    expect(await has({ access_type: 'offline' })).toBe(false)
    expect(await has({ access_type: 'offline', prompt: 'consent' })).toBe(true)
    expect(await has({ prompt: 'consent' })).toBe(false)
  })

  it('accepts the secret by basic authentication too, refreshes and revokes', async () => {
    const { simulator, server } = await start('google')
    const { tokens, claims } = await login(server, 'google', { access_type: 'offline' })
    const basic = oauth.ClientSecretBasic(CLIENT_SECRET)
    const refreshed = await oauth.refreshTokenGrantRequest(server, client, basic, tokens.refresh_token ?? '', insecure)
    const { access_token } = await oauth.processRefreshTokenResponse(server, client, refreshed)
    const userinfo = await oauth.userInfoRequest(server, client, access_token, insecure)
    expect(await oauth.processUserInfoResponse(server, client, claims?.sub ?? '', userinfo)).toMatchObject({
      sub: claims?.sub,
    })
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, basic, access_token, insecure))
    const revoked = await fetch(`${simulator.url}/v1/userinfo`, bearer(access_token))
    expect({ status: revoked.status, body: await revoked.json() }).toMatchObject({
      status: 401,
      body: { error: 'invalid_request' },
    })
    const twice = await fetch(`${simulator.url}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: access_token }),
    })
    expect({ status: twice.status, body: await twice.json() }).toMatchObject({
      status: 400,
      body: { error: 'invalid_token' },
    })
  })
})

describe('a server that calls without the person', () => {
  it('reads a profile of Kakao with the admin key, only of linked people', async () => {
    const { simulator, server } = await start('kakao', { kakao: { adminKey: 'admin' } })
    const { claims } = await login(server, 'kakao')
    const me = (target: string, authorization = 'KakaoAK admin') =>
      fetch(`${simulator.url}/v2/user/me?${new URLSearchParams({ target_id_type: 'user_id', target_id: target })}`, {
        headers: { authorization },
      })
    const answer = await (await me(claims?.sub ?? '')).text()
    expect(answer).toContain(`"id":${claims?.sub},`)
    expect(answer).toContain('"profile_image_url":"https://pictures.example.com/simulated/')
    expect((await me('1')).status).toBe(400)
    expect((await me(claims?.sub ?? '', 'KakaoAK other')).status).toBe(401)
  })

  it('lists who is linked, until the link ends', async () => {
    const { simulator, server } = await start('google')
    const { tokens } = await login(server, 'google')
    const linked = async () =>
      ((await (await fetch(`${simulator.url}/_control`)).json()) as { linked: string[] }).linked
    expect(await linked()).toHaveLength(1)
    await fetch(`${simulator.url}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: tokens.access_token }),
    })
    expect(await linked()).toEqual([])
    expect(simulator.control.linked()).toEqual([])
  })

  it('gets the faults of the queue, on the named endpoints', async () => {
    const { simulator, server } = await start('google')
    const { tokens } = await login(server, 'google')
    simulator.control.set({ queue: ['rate_limited_with_retry_after', 'unauthorized', 'ok'], retryAfterSeconds: 9 })
    const userinfo = () => fetch(`${simulator.url}/v1/userinfo`, bearer(tokens.access_token))
    expect((await fetch(`${simulator.url}/oauth2/v3/certs`)).status).toBe(200)
    const first = await userinfo()
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '9'])
    expect((await userinfo()).status).toBe(401)
    expect((await userinfo()).status).toBe(200)
    expect((await userinfo()).status).toBe(200)
  })
})
