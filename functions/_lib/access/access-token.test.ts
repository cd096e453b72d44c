import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { exportSPKI } from 'jose'
import { beforeAll, expect, test, vi } from 'vitest'
import { createTestKeys, signTestToken, type TestKeys } from '../testing/test-keys.ts'
import { createTokenVerifier, signAccessToken, type VerifyAccessToken } from './access-token.ts'

const person = { userId: 'user-1', sessionId: 'session-1' }
const now = new Date('2026-09-01T00:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
let keys: TestKeys
let verify: VerifyAccessToken

/** The person alone, as most tests look at no more. */
const personBy =
  (verifier: ReturnType<typeof createTokenVerifier>): VerifyAccessToken =>
  async (token) =>
    (await verifier(token))?.person

beforeAll(async () => {
  keys = await createTestKeys()
  verify = personBy(createTokenVerifier({ publicKeys: keys.publicKeys, now: () => now }))
})

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const sign = (options: Parameters<typeof signTestToken>[1]) => signTestToken(keys, { ...person, now, ...options })

test('a token that this product signs is accepted', async () => {
  expect(await verify(await signAccessToken(keys, person, now))).toEqual(person)
  expect(await verify(await sign({}))).toEqual(person)
})

test('a verified token comes with the id of its signing key', async () => {
  const verifier = createTokenVerifier({ publicKeys: keys.publicKeys, now: () => now })
  expect(await verifier(await sign({}))).toEqual({ person, keyId: keys.kid })
})

test('A1: no other algorithm is accepted, although the header names it', async () => {
  const valid = await sign({})
  const [, payload = '', signature = ''] = valid.split('.')
  const header = (alg: string) => encode({ alg, typ: 'at+jwt', kid: keys.kid })
  for (const alg of ['none', 'None', '', 'HS256', 'RS256', 'EdDSA', 'ES384']) {
    expect(await verify(`${header(alg)}.${payload}.${signature}`)).toBeUndefined()
    expect(await verify(`${header(alg)}.${payload}.`)).toBeUndefined()
  }
  const secret = await exportSPKI(keys.publicKey)
  const signed = `${header('HS256')}.${payload}`
  const mac = createHmac('sha256', secret).update(signed).digest('base64url')
  expect(await verify(`${signed}.${mac}`)).toBeUndefined()
})

test('A2: the key comes from our set by its id, never from the token or the net', async () => {
  const foreign = await createTestKeys()
  const fetched = vi.spyOn(globalThis, 'fetch')
  for (const header of [
    { jwk: foreign.publicKeys.keys[0] },
    { jku: 'https://attacker.test/jwks.json' },
    { x5u: 'https://attacker.test/cert' },
    { x5c: ['AAAA'] },
    { kid: 'unknown' },
    { kid: '../../etc/passwd' },
  ]) {
    expect(await verify(await signTestToken(foreign, { ...person, now, header }))).toBeUndefined()
  }
  expect(await verify(await sign({ header: { kid: 'unknown' } }))).toBeUndefined()
  // A set of one key would verify it, but a key without a name cannot be revoked.
  expect(await verify(await sign({ header: { kid: undefined } }))).toBeUndefined()
  expect(await verify(await sign({ header: { jku: 'https://attacker.test/jwks.json' } }))).toEqual(person)
  expect(fetched).not.toHaveBeenCalled()
  fetched.mockRestore()
})

test('A3: type, issuer, audience and every claim are required', async () => {
  for (const typ of [undefined, 'JWT', 'rt+jwt', 'dpop+jwt'])
    expect(await verify(await sign({ header: { typ } }))).toBeUndefined()
  for (const claim of ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp']) {
    expect(await verify(await sign({ claims: { [claim]: undefined } })), claim).toBeUndefined()
  }
  for (const claims of [
    { iss: 'https://growbin.app/' },
    { aud: 'other' },
    { aud: [] },
    { sub: 7 },
    { sid: {} },
    { sub: '' },
  ]) {
    expect(await verify(await sign({ claims })), JSON.stringify(claims)).toBeUndefined()
  }
})

test('A4: a token lives 15 minutes, and clocks may differ by 30 seconds', async () => {
  const at = (moment: Date) => personBy(createTokenVerifier({ publicKeys: keys.publicKeys, now: () => moment }))
  const token = await sign({})
  expect(await at(later(900 + 29))(token)).toEqual(person)
  expect(await at(later(900 + 31))(token)).toBeUndefined()
  expect(await at(later(-29))(token)).toEqual(person)
  expect(await at(later(-31))(token)).toBeUndefined()
  expect(await at(later(-31))(await sign({ claims: { nbf: undefined } }))).toBeUndefined()
  expect(await verify(await sign({ lifetimeSeconds: 901 }))).toBeUndefined()
})

test('A4: a remembered token ends no later than one that is verified again', async () => {
  let moment = later(0)
  const remembering = personBy(createTokenVerifier({ publicKeys: keys.publicKeys, now: () => moment }))
  const token = await sign({ lifetimeSeconds: 10 })
  expect(await remembering(token)).toEqual(person)
  moment = later(41)
  expect(await remembering(token)).toBeUndefined()
})

test('A7: a token of over 8 KiB or of another number of parts is refused', async () => {
  const valid = await sign({})
  expect(await verify(await sign({ claims: { filling: 'x'.repeat(8192) } }))).toBeUndefined()
  for (const token of ['', '.', '..', `${valid}.`, `${valid}.x`, `.${valid}`, valid.split('.').slice(0, 2).join('.')]) {
    expect(await verify(token)).toBeUndefined()
  }
})

test('no text makes the verifier throw', async () => {
  const part = fc.oneof(
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      expect(await verify(parts.join('.'))).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test('tokens of the old and the new key are accepted while both are published', async () => {
  const next = await createTestKeys('next-key')
  const publicKeys = { keys: [...keys.publicKeys.keys, ...next.publicKeys.keys] }
  const both = personBy(createTokenVerifier({ publicKeys, now: () => now }))
  expect(await both(await sign({}))).toEqual(person)
  expect(await both(await signTestToken(next, { ...person, now }))).toEqual(person)
  expect(await verify(await signTestToken(next, { ...person, now }))).toBeUndefined()
})
