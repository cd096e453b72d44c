import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { signAccessToken } from '../../../../functions/_lib/access/access-token.ts'
import { publicKeySet } from '../../../local/platform/environment/secrets.ts'
import { findEvents, publish, publishStructured, type StoredEvent } from '../../actions/publish-stored.ts'
import { roll } from '../../actions/roll.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import { logInPeople } from '../../load/run-load.ts'
import { atMoments } from '../../moments.ts'
import type { World } from '../../world/world.ts'

const rotations = 2
const commandsOfOneSkew = 20

const signers = ['auth-login', 'auth-session']
const verifiers = [
  'auth-session',
  'users-profile',
  'users-history',
  'waste-presign',
  'waste-upload-complete',
  'waste-status',
]

export const f17: Fault = {
  id: 'F17',
  title: 'keys rotated, and events of other versions',
  how: `the signing key of access tokens is rotated ${rotations + 1} times in every seed, each in three rolling restarts: publish the new key, sign with it, retire the old (after everybody has a new token, where production waits 15 minutes); then commands arrive as an older and as a newer producer writes them`,
  boundSeconds: 60,
  // All clients refresh from one address.
  world: { overrides: { REFRESHES_PER_MINUTE_MAX: '1000000' } },
  run: async (context) => {
    const original = (await context.world.readSecrets()).signingKey
    let current = original
    await atMoments(context, rotations, async (nth) => {
      const next = await createSigningKey(`rotated-${nth}`)
      await context.inject('a key is rotated', () => rotate(context, current, next))
      await judgeTokens(context, current, next)
      current = next
      await context.inject('events of other versions', () => publishOtherVersions(context))
    })
    // The next seed begins with the stored key, and with tokens signed by it.
    await context.inject('a key is rotated', () => rotate(context, current, original))
    await context.world.functions.configure({})
  },
  expectations: ({ entries, effects }) => {
    const failed = entries.filter(({ status = 0, type }) => status >= 400 || (type === 'info' && status === 0))
    const [first] = failed
    return [
      ...(first
        ? [`${failed.length} requests failed, the first "${first.kind}" with ${first.status} ${first.reason}`]
        : []),
      ...(effects.deadLetters.length > 0
        ? [`${effects.deadLetters.length} events were refused, the first with "${effects.deadLetters[0]?.reason}"`]
        : []),
    ]
  },
}

async function createSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }
}

async function rotate(context: FaultContext, old: JWK, next: JWK): Promise<void> {
  const { world, people, random, complain } = context
  const configure = (published: readonly JWK[], signing: JWK) =>
    world.functions.configure({
      '*': {
        AUTH_PUBLIC_KEYS: JSON.stringify({ keys: published.flatMap((key) => publicKeySet(key).keys) }),
        AUTH_SIGNING_KEY: JSON.stringify(signing),
      },
    })
  await configure([old, next], old)
  await roll(context, verifiers)
  await configure([old, next], next)
  await roll(context, signers)
  // All verifiers accept tokens of the new key before the old one is retired, and a login now returns such a token.
  const [stranger] = await logInPeople(world.url, 1, `rotation-${random()}`)
  await stranger?.get('/api/v1/users/history').catch((error: Error) => complain(error.message))
  for (const person of people) {
    await person.refresh().catch((error: Error) => complain(`A rotation must not end a session: ${error.message}`))
  }
  await configure([next], next)
  await roll(context, verifiers)
}

/** The same person and session, signed by each key: only the key decides. */
async function judgeTokens({ world, complain }: FaultContext, old: JWK, next: JWK): Promise<void> {
  const [session] = await world.query<{ userId: string; sessionId: string }>(
    'select user_id as "userId", session_id as "sessionId" from auth.sessions_v1 where ended_at is null limit 1',
  )
  if (!session) return complain('there is no session whose token could be checked')
  for (const [key, expected] of [
    [old, 401],
    [next, 200],
  ] as const) {
    const status = await requestAs(world, key, session)
    if (status !== expected)
      complain(`a token of the key "${key.kid}" was answered with ${status}, expected ${expected}`)
  }
}

async function requestAs(world: World, key: JWK, person: { userId: string; sessionId: string }): Promise<number> {
  const privateKey = await importJWK(key, 'ES256')
  if (privateKey instanceof Uint8Array) throw new Error('A signing key is a pair, and was found to be a secret')
  const token = await signAccessToken({ kid: key.kid ?? '', privateKey }, person, new Date())
  const response = await fetch(new URL('/api/v1/users/history', world.url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  })
  await response.body?.cancel()
  return response.status
}

/** Stored commands, as producers before and after this version write them: each must be accepted, and change nothing. */
async function publishOtherVersions({ world, complain }: FaultContext): Promise<void> {
  const commands = await findEvents(world, commandsOfOneSkew)
  if (commands.length === 0) complain('there is no stored command')
  const asBefore = ({ id, source, type, data, extensions }: StoredEvent): StoredEvent => ({
    id,
    source,
    type,
    data,
    extensions: { queue: extensions.queue ?? world.analysis.workers[0].queue },
  })
  const asLater = (command: StoredEvent): StoredEvent => ({
    ...command,
    data: { ...(command.data as object), priority: 'high', photos: [{ pages: 1 }] },
    extensions: { ...command.extensions, sampledrate: '10', tenant: 'seoul' },
  })
  const statuses = await Promise.all(
    commands.flatMap((command) => [
      publish(world, asBefore(command)),
      publish(world, asLater(command)),
      publishStructured(world, asBefore(command)),
      publishStructured(world, asLater(command)),
    ]),
  )
  const refused = statuses.filter((status) => status !== 202)
  if (refused.length > 0) complain(`the broker answered ${refused[0]} to ${refused.length} events of other versions`)
}
