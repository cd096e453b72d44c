import { beforeAll, expect, test } from 'vitest'
import { createTestKeys, signTestOperatorToken, signTestToken, type TestKeys } from '../testing/test-keys.ts'
import { createTokenVerifier } from './access-token.ts'
import { createOperatorVerifier, signOperatorToken, type VerifyOperatorToken } from './operator-token.ts'

const now = new Date('2026-09-01T00:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const operator = { name: 'kim', scope: 'dead-letters' } as const
let keys: TestKeys
let verify: VerifyOperatorToken
const verifierAt = (moment: Date): VerifyOperatorToken => {
  const verifier = createOperatorVerifier({ publicKeys: keys.publicKeys, scope: 'dead-letters', now: () => moment })
  return async (token) => (await verifier(token))?.operator
}

beforeAll(async () => {
  keys = await createTestKeys()
  verify = verifierAt(now)
})

const sign = (options: Parameters<typeof signTestOperatorToken>[1] = {}) =>
  signTestOperatorToken(keys, { now, ...options })

test('a token that is signed for the scope names its operator', async () => {
  expect(await verify(await signOperatorToken(keys, operator, now))).toEqual({ name: 'kim' })
  expect(await verify(await sign({ claims: { sub: 'lee', scope: 'other dead-letters' } }))).toEqual({ name: 'lee' })
})

test('an access token of a person is never an operator token, even under the same key', async () => {
  expect(await verify(await signTestToken(keys, { now }))).toBeUndefined()
  for (const claims of [{ aud: 'growbin-operations' }, { scope: 'dead-letters' }])
    expect(await verify(await signTestToken(keys, { now, claims }))).toBeUndefined()
  expect(await verify(await signTestToken(keys, { now, header: { typ: 'operator+jwt' } }))).toBeUndefined()
})

test('an operator token is never an access token, even under the same key and with a session', async () => {
  const verifyPerson = createTokenVerifier({ publicKeys: keys.publicKeys, now: () => now })
  const claims = { sid: 'session-1' }
  for (const changes of [
    {},
    { header: { typ: 'at+jwt' } },
    { claims: { aud: 'growbin-api' } },
    { claims: { iss: 'https://growbin.app' } },
  ]) {
    const token = await sign({ ...changes, lifetimeSeconds: 900, claims: { ...claims, ...changes.claims } })
    expect(await verifyPerson(token), JSON.stringify(changes)).toBeUndefined()
  }
})

test('type, issuer, audience, scope and every claim are required', async () => {
  // A set of one key would verify it, but a key without a name cannot be revoked.
  expect(await verify(await sign({ header: { kid: undefined } }))).toBeUndefined()
  for (const typ of [undefined, 'JWT', 'at+jwt']) expect(await verify(await sign({ header: { typ } }))).toBeUndefined()
  for (const claim of ['iss', 'aud', 'sub', 'scope', 'jti', 'iat', 'exp'])
    expect(await verify(await sign({ claims: { [claim]: undefined } })), claim).toBeUndefined()
  for (const claims of [
    { iss: 'https://growbin.app' },
    { aud: 'growbin-api' },
    { sub: '' },
    { sub: 'two words' },
    { sub: 7 },
    { scope: '' },
    { scope: 'dead-letters-read' },
    { scope: ['dead-letters'] },
  ]) {
    expect(await verify(await sign({ claims })), JSON.stringify(claims)).toBeUndefined()
  }
})

test('it lives an hour at most, and clocks may differ by 30 seconds', async () => {
  const token = await sign()
  expect(await verifierAt(later(3629))(token)).toEqual({ name: 'operator' })
  expect(await verifierAt(later(3631))(token)).toBeUndefined()
  expect(await verifierAt(later(-31))(token)).toBeUndefined()
  expect(await verify(await sign({ lifetimeSeconds: 3601 }))).toBeUndefined()
})

test('no other key, algorithm or text is accepted', async () => {
  expect(await verify(await signTestOperatorToken(await createTestKeys(), { now }))).toBeUndefined()
  const [, payload, signature] = (await sign()).split('.')
  const header = (alg: string) => Buffer.from(JSON.stringify({ alg, typ: 'operator+jwt', kid: keys.kid }))
  for (const alg of ['none', 'HS256', 'RS256', 'ES384']) {
    expect(await verify(`${header(alg).toString('base64url')}.${payload}.${signature}`)).toBeUndefined()
    expect(await verify(`${header(alg).toString('base64url')}.${payload}.`)).toBeUndefined()
  }
  for (const text of ['', '.', '..', 'not.a.token', 'x'.repeat(8193)]) expect(await verify(text)).toBeUndefined()
})
