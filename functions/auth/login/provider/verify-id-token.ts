import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { ProviderIdentity } from './login-provider.ts'
import type { RefreshingCache } from './refreshing-cache.ts'

export type IdTokenExpectation = {
  keys: RefreshingCache<JWTVerifyGetKey>
  issuers: string[]
  /** Our client ids: the audiences that are accepted. */
  clientIds: readonly string[]
  /** Undefined for a provider that does not return it. */
  nonce: string | undefined
  now: Date
}

/** A claim is invalid that `jose` does not check, or not as strictly. The message names the claim and holds no value. */
export class IdTokenError extends Error {
  override name = 'IdTokenError'
}

// Fixed: the header of a token must not choose how it is verified (RFC 8725, 3.1).
const algorithms = ['RS256']
const ageMax = '10m'
const clockToleranceSeconds = 30
// OpenID Connect Core 1.0, 2: a subject has at most 255 ASCII characters.
const subjectLengthMax = 255
const displayNameLengthMax = 80

/** Verifies an id token (OpenID Connect Core 1.0, 3.1.3.7). Throws `IdTokenError`, an error of `jose`, or what `keys` throws. */
export async function verifyIdToken(idToken: string, expected: IdTokenExpectation): Promise<ProviderIdentity> {
  const { payload } = await jwtVerify(idToken, await findKeys(expected.keys), {
    algorithms,
    issuer: expected.issuers,
    audience: [...expected.clientIds],
    maxTokenAge: ageMax,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['sub', 'iat', 'exp'],
    currentDate: expected.now,
  })
  const audiences = [payload.aud].flat()
  if (audiences.length !== 1) throw new IdTokenError('"aud" of an id token names another client besides ours')
  if (payload.azp !== undefined && !expected.clientIds.some((clientId) => clientId === payload.azp)) {
    throw new IdTokenError('"azp" of an id token is not one of our clients')
  }
  if (expected.nonce !== undefined && payload.nonce !== expected.nonce) {
    throw new IdTokenError('"nonce" of an id token is missing or belongs to another login')
  }
  return { subject: subjectOf(payload), displayName: displayNameOf(payload) }
}

/** Looks a key up by its id, and once more in a newer key set when the id is unknown, since the provider may have rotated its keys. */
async function findKeys(keys: RefreshingCache<JWTVerifyGetKey>): Promise<JWTVerifyGetKey> {
  const findKey = await keys.get()
  return async (header, token) => {
    try {
      return await findKey(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const findNewer = await keys.getNewer()
      return await findNewer(header, token)
    }
  }
}

function subjectOf({ sub }: JWTPayload): string {
  // A number has already lost the last digits of a Kakao id, and would merge two people.
  if (typeof sub !== 'string' || sub === '' || sub.length > subjectLengthMax) {
    throw new IdTokenError(`"sub" of an id token is not text of 1 to ${subjectLengthMax} characters`)
  }
  return sub
}

function displayNameOf(payload: JWTPayload): string | undefined {
  const name = payload.nickname ?? payload.name
  if (typeof name !== 'string') return undefined
  // PostgreSQL rejects NUL, and no control character belongs in a displayed name.
  const shown = [...name.toWellFormed().replace(/\p{Cc}/gu, '')].slice(0, displayNameLengthMax).join('').trim()
  return shown === '' ? undefined : shown
}
