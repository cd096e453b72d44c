import type { Person } from './people.ts'

const CODE_LIFETIME_MS = 60_000
const ENTRIES_MAX = 10_000

/** What a code grants, as requested at the authorization endpoint. */
export type Authorization = {
  person: Person
  redirectUri: string
  scopes: string[]
  state?: string
  nonce?: string
  challenge?: { value: string; method: 'S256' | 'plain' }
  refreshable: boolean
  authTimeSeconds: number
}

/** A refresh token and when it ends; `Infinity` for never. */
export type RefreshGrant = { token: string; expiresAtMs: number }

export type IssuedTokens = {
  accessToken: string
  expiresAtMs: number
  refresh: RefreshGrant
  authorization: Authorization
}

/** Codes and tokens in memory. A code works once, within 60 seconds. */
export function createGrants({ now, randomToken }: { now: () => Date; randomToken: () => string }) {
  const codes = new Map<string, { authorization: Authorization; expiresAtMs: number }>()
  const byAccess = new Map<string, IssuedTokens>()
  const byRefresh = new Map<string, IssuedTokens>()
  const consented = new Map<string, Person>()

  function revoke(tokens: IssuedTokens): void {
    byAccess.delete(tokens.accessToken)
    byRefresh.delete(tokens.refresh.token)
  }

  return {
    issueCode(authorization: Authorization): string {
      const code = randomToken()
      keep(codes, code, { authorization, expiresAtMs: now().getTime() + CODE_LIFETIME_MS })
      return code
    },
    /** Consumes a code, whatever the outcome of the exchange. */
    takeCode(code: string): Authorization | undefined {
      const entry = codes.get(code)
      codes.delete(code)
      return entry && entry.expiresAtMs > now().getTime() ? entry.authorization : undefined
    },
    createRefreshGrant(lifetimeSeconds: number): RefreshGrant {
      return { token: randomToken(), expiresAtMs: now().getTime() + lifetimeSeconds * 1000 }
    },
    issueTokens(authorization: Authorization, lifetimeSeconds: number, refresh: RefreshGrant): IssuedTokens {
      const expiresAtMs = now().getTime() + lifetimeSeconds * 1000
      const tokens = { accessToken: randomToken(), expiresAtMs, refresh, authorization }
      keep(byAccess, tokens.accessToken, tokens)
      if (authorization.refreshable) keep(byRefresh, refresh.token, tokens)
      return tokens
    },
    findByAccessToken(token: string): IssuedTokens | undefined {
      const tokens = byAccess.get(token)
      return tokens && tokens.expiresAtMs > now().getTime() ? tokens : undefined
    },
    findByRefreshToken(token: string): IssuedTokens | undefined {
      const tokens = byRefresh.get(token)
      return tokens && tokens.refresh.expiresAtMs > now().getTime() ? tokens : undefined
    },
    endRefreshToken(token: string): void {
      byRefresh.delete(token)
    },
    revoke,
    /** Records the consent of a person; true the first time. */
    consent(person: Person): boolean {
      const first = !consented.has(person.seed)
      keep(consented, person.seed, person)
      return first
    },
    /** All people who have consented and not been unlinked. */
    people: (): Person[] => [...consented.values()],
    /** Ends every session of a person and removes the consent. */
    revokePerson(seed: string): void {
      consented.delete(seed)
      for (const tokens of [...byAccess.values(), ...byRefresh.values()]) {
        if (tokens.authorization.person.seed === seed) revoke(tokens)
      }
    },
  }
}

export type Grants = ReturnType<typeof createGrants>

function keep<T>(entries: Map<string, T>, key: string, entry: T): void {
  entries.set(key, entry)
  const [oldest] = entries.keys()
  if (entries.size > ENTRIES_MAX && oldest !== undefined) entries.delete(oldest)
}
