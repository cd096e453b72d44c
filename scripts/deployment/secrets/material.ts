import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** One value of a material, with a name that says when it was made; `number` counts from 1. */
export type Version = { name: string; number: number; value: string }

/**
 * The values of one material over its rotations. Programs accept all of them, and use `current`. `next` is accepted before it is used, so
 * that no program meets a value that it does not know; `previous` is accepted until everything that was made with it has ended.
 */
export type Material = { current: Version; next?: Version; previous: Version[] }

export type MaterialKind = {
  make: (name: string) => Promise<string>
  /** How many earlier values stay accepted. */
  previousMax: number
}

const text: MaterialKind['make'] = async () => randomBytes(32).toString('base64url')

export const materialKinds = {
  /** A password or a key of an HMAC. */
  text: { make: text, previousMax: 1 },
  /** 32 random bytes, for the functions' own key sets. */
  bytes: { make: async () => randomBytes(32).toString('base64'), previousMax: 1 },
  /** As `bytes`, for texts that are stored: each key opens what it has sealed, at any later time. */
  sealing: { make: async () => randomBytes(32).toString('base64'), previousMax: 100 },
  /** A private key of ES256 as a JWK. */
  es256: { make: createSigningKey, previousMax: 1 },
} as const satisfies Readonly<Record<string, MaterialKind>>

export type MaterialKindName = keyof typeof materialKinds

async function createSigningKey(kid: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' })
}

async function makeVersion(kind: MaterialKindName, number: number, now: Date): Promise<Version> {
  const name = `${now.toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`
  return { name, number, value: await materialKinds[kind].make(name) }
}

export async function createMaterial(kind: MaterialKindName, now: Date): Promise<Material> {
  return { current: await makeVersion(kind, 1, now), previous: [] }
}

/**
 * The next of the two steps of a rotation: `prepared` adds a value that is accepted and not used yet, `switched` uses it. Between the two,
 * and before the next rotation, everything that reads the material has to run with what the step made.
 */
export async function rotateMaterial(
  material: Material,
  kind: MaterialKindName,
  now: Date,
): Promise<{ step: 'prepared' | 'switched'; material: Material }> {
  const { current, next, previous } = material
  if (!next)
    return { step: 'prepared', material: { current, next: await makeVersion(kind, current.number + 1, now), previous } }
  const kept = [current, ...previous].slice(0, materialKinds[kind].previousMax)
  return { step: 'switched', material: { current: next, previous: kept } }
}

/** All values that are accepted, the one in use first. */
export const acceptedVersions = ({ current, next, previous }: Material): Version[] => [
  current,
  ...(next ? [next] : []),
  ...previous,
]

/** The key set of `EVENT_KEYS` and `PROVIDER_TOKEN_KEYS`. */
export const keySetOf = (material: Material): string =>
  JSON.stringify({
    current: material.current.name,
    keys: Object.fromEntries(acceptedVersions(material).map(({ name, value }) => [name, value])),
  })

/** The public halves of signing keys, as a JWK set. */
export const publicKeysOf = (material: Material): string =>
  JSON.stringify({
    keys: acceptedVersions(material).map(({ value }) => {
      const { kty, crv, x, y, kid, alg, use } = JSON.parse(value) as JWK
      return { kty, crv, x, y, kid, alg, use }
    }),
  })
