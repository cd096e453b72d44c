import { mkdir, mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { loadSpecs } from '../../manifests/load-specs.ts'
import { catalogue, materials } from './catalogue.ts'
import { generateSecrets, listSecrets, rotateSecret, type SecretCommandDeps, sealSecrets } from './commands.ts'
import { createValueCheck, renderEntry, type SecretManifest } from './render-secrets.ts'
import { openSecretStore } from './store.ts'

let check: SecretCommandDeps['check']
let folder: string
let deps: SecretCommandDeps
let sealed: SecretManifest[]

beforeAll(async () => {
  check = createValueCheck(await loadSpecs(repositoryRoot))
})
let temporary: Awaited<ReturnType<typeof mkdtempDisposable>>
beforeEach(async () => {
  temporary = await mkdtempDisposable(join(tmpdir(), 'growbin-secrets-'))
  folder = temporary.path
  sealed = []
  deps = {
    store: openSecretStore(join(folder, 'values')),
    check,
    seal: async (secret) => {
      sealed.push(secret)
      return `sealed: ${secret.metadata.name}\n`
    },
    now: () => new Date('2026-03-02T00:00:00Z'),
  }
})
afterEach(() => temporary.remove())

const given: Record<string, string> = {
  'auth-login-providers.providers.json':
    '{"kakao":{"issuer":"https://example.org","client_id":"id","client_secret":"secret"}}',
  'jobs-provider-apis.providers.json': '{"google":{}}',
  'jobs-kakao-local.rest-api-key': 'key',
  'waste-openai.api-key': 'key',
}
async function give(values = given): Promise<void> {
  for (const [name, text] of Object.entries(values)) {
    const path = join(folder, 'values/given', name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${text}\n`)
  }
}
const entryOf = (name: string) => {
  const entry = catalogue.find((entry) => entry.name === name)
  if (!entry) throw new Error(`The catalogue has no "${name}"`)
  return entry
}
async function textOf(name: string, key: string): Promise<string> {
  const [manifest] = await renderEntry(entryOf(name), deps.store, check)
  return (manifest?.stringData ?? manifest?.data)?.[key] ?? ''
}

it('makes each value once, and names what a person has to give', async () => {
  const first = await generateSecrets(deps)
  expect(first.made).toEqual(Object.keys(materials))
  expect(first.missing.map((line) => line.split('/given/')[1]?.split(':')[0])).toEqual(Object.keys(given))
  await give()
  const before = await textOf('event-keys', 'keys.json')
  expect(await generateSecrets(deps)).toEqual({ made: [], missing: [] })
  expect(await textOf('event-keys', 'keys.json')).toBe(before)
})

it('keeps each value in a file that only its owner can read', async () => {
  await generateSecrets(deps)
  const files = await readdir(join(folder, 'values/made'))
  expect(files.length).toBe(Object.keys(materials).length)
  const modes = await Promise.all(
    files.map(async (file) => (await stat(join(folder, 'values/made', file))).mode & 0o777),
  )
  expect(new Set(modes)).toEqual(new Set([0o600]))
})

it('seals what every function accepts, and writes no value into the folder that is committed', async () => {
  await generateSecrets(deps)
  await give()
  const paths = await sealSecrets(join(folder, 'sealed'), [], deps)
  expect(paths.length).toBeGreaterThan(40)
  const secrets = sealed.flatMap(({ stringData = {} }) => Object.values(stringData))
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  // User names, and "key" of the examples above, are no secrets and short.
  for (const secret of secrets.filter((secret) => secret.length > 12)) expect(texts.join('\n')).not.toContain(secret)
  const jwks = parse(texts[paths.findIndex((path) => path.endsWith('auth.auth-public-keys.yaml'))] ?? '')
  expect(JSON.parse(jwks.data['jwks.json']).keys[0]).not.toHaveProperty('d')
})

it('refuses a value that a function would refuse, without writing anything or naming the value', async () => {
  await generateSecrets(deps)
  await give({ ...given, 'auth-login-providers.providers.json': '{"kakao":{"issuer":"not-an-address"}}' })
  const refused = sealSecrets(join(folder, 'sealed'), [], deps)
  await expect(refused).rejects.toThrow(/^"auth-login-providers" would be refused: "LOGIN_PROVIDERS": /)
  await expect(refused).rejects.not.toThrow(/not-an-address/)
  await expect(readdir(join(folder, 'sealed'))).rejects.toThrow('ENOENT')
})

it('rotates keys so that a verifier knows a key before it signs', async () => {
  await generateSecrets(deps)
  const kidOf = async () => JSON.parse(await textOf('auth-signing-key', 'jwk.json')).kid
  const kidsOf = async () =>
    JSON.parse(await textOf('auth-public-keys', 'jwks.json')).keys.map(({ kid }: { kid: string }) => kid)
  const first = await kidOf()
  expect(await rotateSecret('auth-signing-key', deps)).toEqual({
    step: 'prepared',
    affected: ['auth-public-keys', 'auth-signing-key'],
  })
  expect(await kidOf()).toBe(first)
  const known = await kidsOf()
  expect(known).toHaveLength(2)
  expect((await rotateSecret('auth-signing-key', deps)).step).toBe('switched')
  const second = await kidOf()
  expect(second).not.toBe(first)
  expect(await kidsOf()).toEqual([second, first])
  expect(new Set(await kidsOf())).toEqual(new Set(known))
})

it('rotates the password of a login by the user that no function uses', async () => {
  await generateSecrets(deps)
  const passwords = async () => Promise.all(['a', 'b'].map((slot) => textOf(`postgresql-waste-${slot}`, 'password')))
  const used = async () => new URL(await textOf('waste-database', 'url'))
  const [a] = await passwords()
  expect([(await used()).username, (await used()).password]).toEqual(['waste_a', a])
  await rotateSecret('postgresql-waste', deps)
  const [sameA, b] = await passwords()
  expect([sameA, (await used()).password]).toEqual([a, a])
  expect(b).not.toBe(a)
  await rotateSecret('postgresql-waste', deps)
  expect([(await used()).username, (await used()).password]).toEqual(['waste_b', b])
  expect(await passwords()).toEqual([a, b])
})

it('lets both passwords of a rotation into Redis, as hashes', async () => {
  await generateSecrets(deps)
  await rotateSecret('redis-waste', deps)
  const list = await textOf('redis-users', 'users.acl')
  expect(
    list
      .split('\n')
      .find((line) => line.startsWith('user waste '))
      ?.match(/#[0-9a-f]{64}/g),
  ).toHaveLength(2)
  expect(list).not.toContain(new URL(await textOf('waste-redis', 'url')).password)
})

it('refuses to rotate what must stay, and what it does not know', async () => {
  await expect(rotateSecret('users-pseudonym-key', deps)).rejects.toThrow('"users-pseudonym-key" is rotated never')
  await expect(rotateSecret('unknown', deps)).rejects.toThrow('"unknown" cannot be rotated; expected one of auth-')
})

it('lists every entry with where its values come from', () => {
  const rows = listSecrets()
  expect(rows).toHaveLength(catalogue.length)
  expect(rows.filter(({ made }) => made === '')).toEqual([])
})
