import { createHash } from 'node:crypto'
import { type CryptoKey, exportSPKI, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProblemError } from '../../../_lib/http/errors.ts'
import type { Provider } from '../../provider.ts'
import { createKey, type FakeProvider, startFakeProvider } from '../testing/fake-provider.ts'
import { createOidcProvider } from './oidc-provider.ts'

const clientId = 'growbin-test'
const grant = {
  code: 'the-code',
  state: 'the-state',
  nonce: 'the-nonce',
  codeVerifier: 'v'.repeat(43),
  redirectUri: 'https://growbin.app/callback',
}
const startMs = Date.UTC(2026, 10, 21)
const nowSeconds = startMs / 1000

let fakeProvider: FakeProvider
let nowMs: number
beforeEach(async () => {
  nowMs = startMs
  fakeProvider = await startFakeProvider()
})
afterEach(() => fakeProvider.close())

const create = (provider: Provider = 'kakao') =>
  createOidcProvider(
    provider,
    { issuer: fakeProvider.issuer, client_id: clientId, client_secret: 'the-secret' },
    () => nowMs,
  )
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: fakeProvider.issuer,
  aud: clientId,
  sub: '1376016924429759243',
  iat: nowSeconds,
  exp: nowSeconds + 43_199,
  nonce: grant.nonce,
  nickname: '지민',
  ...changes,
})
const problemOf = async (
  work: Promise<unknown>,
): Promise<{ code: string; reason: string | undefined; text: string }> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProblemError)) throw new Error('A ProblemError was expected', { cause: error })
  return { code: error.code, reason: error.options.reason, text: error.options.detail.en }
}
const refused = {
  code: 'unauthenticated',
  reason: 'login_refused',
  text: 'The sign-in with Kakao could not be confirmed.',
}
const unavailable = {
  code: 'unavailable',
  reason: 'provider_unavailable',
  text: 'Kakao does not answer right now. Please try again later.',
}
const exchangeOf = async (changes: JWTPayload, provider: Provider = 'kakao') => {
  fakeProvider.issue(await fakeProvider.sign(claims(changes)))
  return create(provider).exchangeCode(grant)
}

describe('the request to a provider', () => {
  it('sends state, nonce and the S256 challenge of the verifier', async () => {
    const url = new URL(await create().authorizeUrl(grant))
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: clientId,
      redirect_uri: grant.redirectUri,
      response_type: 'code',
      scope: 'openid profile_nickname',
      state: grant.state,
      nonce: grant.nonce,
      code_challenge: createHash('sha256').update(grant.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
  })

  it.each([
    ['kakao', undefined],
    ['naver', grant.state],
  ] as const)(
    'exchanges the code with verifier and redirect URI; state at the token endpoint for %s: %s',
    async (provider, state) => {
      await exchangeOf({}, provider)
      expect(Object.fromEntries(fakeProvider.forms[0] ?? [])).toEqual({
        grant_type: 'authorization_code',
        code: grant.code,
        redirect_uri: grant.redirectUri,
        code_verifier: grant.codeVerifier,
        client_id: clientId,
        client_secret: 'the-secret',
        ...(state && { state }),
      })
    },
  )
})

describe('what an id token must be', () => {
  it('L7: the subject is kept unchanged, also beyond 2^53', async () => {
    expect(await exchangeOf({})).toEqual({ subject: '1376016924429759243', displayName: '지민' })
  })

  it('L7: a subject that is a number is refused, since it has lost digits', async () => {
    const sub = Number('1376016924429759243') as unknown as string
    expect(await problemOf(exchangeOf({ sub }))).toEqual(refused)
  })

  it.each<[string, JWTPayload]>([
    ['L1: the audience is another app', { aud: 'another-app' }],
    ['L1: the audience is another app beside ours', { aud: [clientId, 'another-app'] }],
    ['L1: there is no audience', { aud: undefined } as unknown as JWTPayload],
    ['L1: the authorized party is another app', { azp: 'another-app' }],
    ['L3: the nonce is missing', { nonce: undefined }],
    ['L3: the nonce is of another login', { nonce: 'another-nonce' }],
    ['L3: it is more than ten minutes and 30 s old', { iat: nowSeconds - 631 }],
    ['L3: it is from the future', { iat: nowSeconds + 31 }],
    ['L3: it does not say how old it is', { iat: undefined } as unknown as JWTPayload],
    ['it has expired', { exp: nowSeconds - 31 }],
    ['it does not expire', { exp: undefined } as unknown as JWTPayload],
    ['L4: the issuer is another provider', { iss: 'https://accounts.google.com' }],
    ['L4: the issuer is spelled differently', { iss: 'kauth.kakao.com' }],
    ['L6: there is no subject', { sub: undefined } as unknown as JWTPayload],
    ['L6: the subject is empty', { sub: '' }],
    ['L6: the subject is longer than any', { sub: 'a'.repeat(256) }],
  ])('refuses it when %s', async (_, changes) => {
    expect(await problemOf(exchangeOf(changes))).toEqual(refused)
  })

  it.each<[string, JWTPayload]>([
    ['the audience is a list of only us', { aud: [clientId] }],
    ['the authorized party is us', { azp: clientId }],
    ['it is almost ten minutes old', { iat: nowSeconds - 599 }],
  ])('accepts it when %s', async (_, changes) => {
    expect(await exchangeOf(changes)).toMatchObject({ subject: '1376016924429759243' })
  })

  it('L4: Google may spell its issuer without the scheme, and no other provider may', async () => {
    const iss = fakeProvider.issuer.replace('http://', '')
    expect(await exchangeOf({ iss }, 'google')).toMatchObject({ subject: '1376016924429759243' })
    expect(await problemOf(exchangeOf({ iss }, 'kakao'))).toEqual(refused)
  })

  it('L3: a nonce is required of Kakao and Google, and not of Naver, which documents none', async () => {
    expect(await exchangeOf({ nonce: undefined }, 'naver')).toMatchObject({ displayName: '지민' })
    expect((await problemOf(exchangeOf({ nonce: undefined }, 'google'))).reason).toBe('login_refused')
  })

  it.each<[string, unknown, string | undefined]>([
    ['control characters', 'A\u0000B\u001b[0m\n', 'AB[0m'],
    ['half a character', 'A\ud800', 'A\ufffd'],
    ['more than 80 characters', '🌱'.repeat(81), '🌱'.repeat(80)],
    ['only blanks', '  ', undefined],
    ['no text', { ko: 'A' }, undefined],
  ])('cleans a display name with %s', async (_, nickname, displayName) => {
    expect(await exchangeOf({ nickname })).toEqual({ subject: '1376016924429759243', displayName })
  })
})

describe('how an id token must be signed', () => {
  it('refuses a token signed with the public key as a secret (HS256)', async () => {
    const publicKey = await importJWK({ ...fakeProvider.key.publicJwk, ext: true }, 'RS256')
    const secret = new TextEncoder().encode(await exportSPKI(publicKey as CryptoKey))
    fakeProvider.issue(await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret))
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('refuses a token without a signature (none)', async () => {
    fakeProvider.issue(new UnsecuredJWT(claims()).encode())
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('refuses a token signed with another algorithm of the same key, whatever its header says', async () => {
    const { alg: _, ...publicJwk } = fakeProvider.key.publicJwk
    fakeProvider.keySet.keys = [publicJwk]
    const privateKey = await importJWK(fakeProvider.key.privateJwk, 'PS256')
    fakeProvider.issue(await new SignJWT(claims()).setProtectedHeader({ alg: 'PS256', kid: 'key-1' }).sign(privateKey))
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('refuses a token signed with another key under the id of the published one', async () => {
    fakeProvider.issue(await fakeProvider.sign(claims(), { ...(await createKey('key-1')) }))
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('ignores keys in the header of the token', async () => {
    const stranger = await createKey('stranger')
    const header = { alg: 'RS256', kid: 'key-1', jwk: stranger.publicJwk, jku: `${fakeProvider.issuer}/jwks` }
    fakeProvider.issue(await new SignJWT(claims()).setProtectedHeader(header).sign(stranger.privateKey))
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })
})

describe('when keys change', () => {
  it('reads a new key when a token names it, and accepts the old one while it is published', async () => {
    const provider = create()
    fakeProvider.issue(await fakeProvider.sign(claims()))
    await provider.exchangeCode(grant)
    const next = await createKey('key-2')
    fakeProvider.keySet.keys.unshift(next.publicJwk)
    nowMs += 30_000
    fakeProvider.issue(await fakeProvider.sign(claims(), next))
    expect(await provider.exchangeCode(grant)).toMatchObject({ displayName: '지민' })
    fakeProvider.issue(await fakeProvider.sign(claims()))
    expect(await provider.exchangeCode(grant)).toMatchObject({ displayName: '지민' })
    expect(fakeProvider.requests.jwks).toBe(2)
  })

  it('L8: tokens with unknown keys cause at most one request in 30 s', async () => {
    const provider = create()
    fakeProvider.issue(await fakeProvider.sign(claims()))
    await provider.exchangeCode(grant)
    fakeProvider.issue(await fakeProvider.sign(claims(), await createKey('never-published')))
    nowMs += 30_000
    const problems = await Promise.all(Array.from({ length: 20 }, () => problemOf(provider.exchangeCode(grant))))
    expect(problems).toEqual(Array(20).fill(refused))
    nowMs += 29_999
    await problemOf(provider.exchangeCode(grant))
    expect(fakeProvider.requests.jwks).toBe(2)
  })

  it('reads the new key set when the discovery document names another', async () => {
    const provider = create()
    fakeProvider.issue(await fakeProvider.sign(claims()))
    await provider.exchangeCode(grant)
    fakeProvider.documentChanges.jwks_uri = `${fakeProvider.issuer}/jwks-of-2027`
    nowMs += 600_000
    fakeProvider.issue(await fakeProvider.sign(claims({ iat: nowMs / 1000 })))
    await provider.exchangeCode(grant)
    expect(fakeProvider.requests).toMatchObject({ discovery: 2, jwks: 2 })
  })
})

describe('L8: when the provider fails', () => {
  const answerStatus = (endpoint: 'discovery' | 'jwks' | 'token', status: number) => {
    fakeProvider.answers[endpoint] = (response) =>
      void fakeProvider.sendJson(response, { error: 'server_error' }, status)
  }

  it.each(['discovery', 'jwks', 'token'] as const)(
    'says that the provider is unavailable when %s answers 503',
    async (endpoint) => {
      fakeProvider.issue(await fakeProvider.sign(claims()))
      answerStatus(endpoint, 503)
      expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
    },
  )

  it.each(['discovery', 'jwks', 'token'] as const)('waits 3 s for %s and no longer', async (endpoint) => {
    fakeProvider.issue(await fakeProvider.sign(claims()))
    fakeProvider.answers[endpoint] = () => undefined
    const startedMs = performance.now()
    expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
    const waitedMs = performance.now() - startedMs
    expect(waitedMs).toBeGreaterThan(2_900)
    expect(waitedMs).toBeLessThan(4_900)
  })

  it('accepts logins with the cached keys while discovery and key set are down', async () => {
    const provider = create()
    fakeProvider.issue(await fakeProvider.sign(claims()))
    await provider.exchangeCode(grant)
    answerStatus('discovery', 503)
    answerStatus('jwks', 503)
    nowMs += 3_600_000
    fakeProvider.issue(await fakeProvider.sign(claims({ iat: nowMs / 1000 })))
    expect(await provider.exchangeCode(grant)).toMatchObject({ subject: '1376016924429759243' })
  })

  it('says unavailable and not refused when a key is unknown and the key set is down', async () => {
    const provider = create()
    fakeProvider.issue(await fakeProvider.sign(claims()))
    await provider.exchangeCode(grant)
    answerStatus('jwks', 503)
    nowMs += 30_000
    fakeProvider.issue(await fakeProvider.sign(claims(), await createKey('key-2')))
    expect(await problemOf(provider.exchangeCode(grant))).toEqual(unavailable)
  })

  it.each<[string, unknown]>([
    ['is no key set', { keys: 'none' }],
    ['is empty', null],
  ])('says unavailable when the key set %s', async (_, body) => {
    fakeProvider.issue(await fakeProvider.sign(claims()))
    fakeProvider.answers.jwks = (response) => void fakeProvider.sendJson(response, body)
    expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
  })

  it('says unavailable when a response has more than 1 MiB', async () => {
    fakeProvider.issue('a'.repeat(1_048_577))
    expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
  })

  it('does not follow a redirect of the key set or the token endpoint', async () => {
    for (const endpoint of ['jwks', 'token'] as const) {
      fakeProvider.issue(await fakeProvider.sign(claims()))
      fakeProvider.answers[endpoint] = (response) =>
        void response.writeHead(302, { location: `${fakeProvider.issuer}/x` }).end()
      expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
    }
  })

  it('L4: rejects a discovery document of another issuer', async () => {
    fakeProvider.documentChanges.issuer = 'https://accounts.google.com'
    expect(await problemOf(create().authorizeUrl(grant))).toEqual(unavailable)
  })

  it('reads the discovery document once for 20 concurrent logins', async () => {
    const provider = create()
    await Promise.all(Array.from({ length: 20 }, () => provider.authorizeUrl(grant)))
    expect(fakeProvider.requests.discovery).toBe(1)
  })
})

describe('what the token endpoint answers', () => {
  it.each([200, 400, 401])('is a refusal when it holds an error, under status %i too', async (status) => {
    const idToken = await fakeProvider.sign(claims())
    fakeProvider.answers.token = (response) =>
      void fakeProvider.sendJson(response, { error: 'invalid_grant', id_token: idToken }, status)
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('means unavailable and not refused when our own secret is wrong', async () => {
    fakeProvider.answers.token = (response) => void fakeProvider.sendJson(response, { error: 'invalid_client' }, 401)
    expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
  })

  it('is a refusal when it holds no id token', async () => {
    fakeProvider.answers.token = (response) => void fakeProvider.sendJson(response, { access_token: 'theirs' })
    expect(await problemOf(create().exchangeCode(grant))).toEqual(refused)
  })

  it('may have `expires_in` as text, as Naver has', async () => {
    fakeProvider.issue(await fakeProvider.sign(claims()), { expires_in: '3600', token_type: 'bearer' })
    expect(await create('naver').exchangeCode(grant)).toMatchObject({ displayName: '지민' })
  })

  it('means unavailable when it is not JSON', async () => {
    fakeProvider.answers.token = (response) => void response.end('<html>')
    expect(await problemOf(create().exchangeCode(grant))).toEqual(unavailable)
  })
})

describe('L4: the issuer of the redirect (RFC 9207)', () => {
  it('must be the provider when it is given', async () => {
    fakeProvider.issue(await fakeProvider.sign(claims()))
    const provider = create()
    expect(await provider.exchangeCode({ ...grant, issuer: fakeProvider.issuer })).toMatchObject({
      displayName: '지민',
    })
    expect(await problemOf(provider.exchangeCode({ ...grant, issuer: 'https://other.example' }))).toEqual(refused)
  })

  it('must be given when the provider announces it', async () => {
    fakeProvider.issue(await fakeProvider.sign(claims()))
    fakeProvider.documentChanges.authorization_response_iss_parameter_supported = true
    const provider = create()
    expect(await problemOf(provider.exchangeCode(grant))).toEqual(refused)
    expect(await provider.exchangeCode({ ...grant, issuer: fakeProvider.issuer })).toMatchObject({
      displayName: '지민',
    })
  })
})
