// Over 200 lines: it is a list, and a new Secret is added beside the others.
import { createHash } from 'node:crypto'
import { acceptedVersions, keySetOf, type Material, type MaterialKindName, publicKeysOf } from './material.ts'

/** Domains whose login functions use. The rest of the roles cannot log in. */
export const databaseLogins = ['auth', 'events', 'locations', 'users', 'waste'] as const
/** Makes schemas and tables before a deployment; owns the database. */
export const migrationLogin = 'migrate'
export const redisUsers = ['auth', 'events', 'users', 'waste'] as const

const postgresqlHost = 'postgresql-rw.data.svc.cluster.local'
const redisHost = 'redis.data.svc.cluster.local'

/** What a person or another company gives, for one key of a Secret. */
export type GivenValue = { given: string }

/** What the values of Secrets are made from. A name may stand for several Secrets that have to agree. */
export const materials: Readonly<Record<string, { kind: MaterialKindName; rotation: string }>> = {
  'auth-signing-key': {
    kind: 'es256',
    rotation: 'in two steps, a quarter; access tokens of the earlier key stay valid',
  },
  'operator-signing-key': {
    kind: 'es256',
    rotation: 'in two steps, a quarter; it stays with the operators, the cluster has its public half',
  },
  'event-keys': {
    kind: 'bytes',
    rotation: 'in two steps, a quarter; events that are older than a rotation are published and signed again',
  },
  'auth-provider-token-keys': {
    kind: 'sealing',
    rotation: 'in two steps, a year; earlier keys open what they have sealed',
  },
  'auth-refresh-token-key': {
    kind: 'text',
    rotation:
      'only after a leak: a refresh that is repeated because its answer was lost at the switch ends its session',
  },
  'users-pseudonym-key': { kind: 'text', rotation: 'never: receipts of deletions would no longer be found' },
  'waste-pseudonym-key': { kind: 'text', rotation: 'only after a leak: the model provider sees new people' },
  ...Object.fromEntries(
    [...databaseLogins, migrationLogin].map((login) => [
      `postgresql-${login}`,
      {
        kind: 'text',
        rotation: 'in two steps, a quarter; the login has two users, of which functions use one',
      } as const,
    ]),
  ),
  ...Object.fromEntries(
    redisUsers.map((user) => [
      `redis-${user}`,
      { kind: 'text', rotation: 'in two steps, a quarter; the user accepts both passwords' } as const,
    ]),
  ),
}

export type Values = {
  material: (name: string) => Material
  given: (secret: string, key: string) => string
}
type MadeValue = { from: readonly string[]; render: (values: Values) => string }

export type CatalogueEntry = {
  kind: 'Secret' | 'ConfigMap'
  name: string
  namespaces: readonly string[]
  keys: Readonly<Record<string, MadeValue | GivenValue>>
  /** Files that read it, when they are no description of a function. */
  readBy?: readonly string[]
  /** What makes it, when `./scripts/secrets` does not. */
  madeBy?: 'chart' | 'operator'
  /** The type of a Secret that a program asks for. */
  type?: 'kubernetes.io/basic-auth'
  labels?: Readonly<Record<string, string>>
}

export const isGiven = (value: MadeValue | GivenValue): value is GivenValue => 'given' in value

const made = (name: string, render: (material: Material) => string): MadeValue => ({
  from: [name],
  render: ({ material }) => render(material(name)),
})

/** The two users of a login. The passwords go to them in turn, so that the user that functions use keeps its own until the switch. */
function usersOf({ current, next, previous }: Material): Record<'a' | 'b', string> & { used: 'a' | 'b' } {
  const used = current.number % 2 === 1 ? 'a' : 'b'
  const other = next ?? previous[0] ?? current
  return used === 'a' ? { a: current.value, b: other.value, used } : { a: other.value, b: current.value, used }
}

const databaseUrl = (login: string): MadeValue =>
  made(`postgresql-${login}`, (material) => {
    const { used, ...passwords } = usersOf(material)
    const url = new URL(`postgresql://${postgresqlHost}:5432/growbin`)
    url.username = `${login}_${used}`
    url.password = passwords[used]
    // The certificate of CloudNativePG has an authority of its own, which functions do not have yet; the connection is encrypted.
    url.searchParams.set('sslmode', 'no-verify')
    // What one user of the login makes belongs to the role, and so to the other user too.
    url.searchParams.set('options', `-c role=growbin_${login}`)
    return url.href
  })

const databaseSecret = (domain: (typeof databaseLogins)[number], namespaces: readonly string[]): CatalogueEntry => ({
  kind: 'Secret',
  name: `${domain}-database`,
  namespaces,
  keys: { url: databaseUrl(domain) },
})

const databaseUserSecrets = (login: string): CatalogueEntry[] =>
  (['a', 'b'] as const).map((slot) => ({
    kind: 'Secret',
    name: `postgresql-${login}-${slot}`,
    namespaces: ['data'],
    type: 'kubernetes.io/basic-auth',
    // CloudNativePG reads a password again only where this label is.
    labels: { 'cnpg.io/reload': 'true' },
    keys: {
      username: { from: [], render: () => `${login}_${slot}` },
      password: made(`postgresql-${login}`, (material) => usersOf(material)[slot]),
    },
    readBy: ['charts/growbin/templates/postgresql.yaml'],
  }))

const redisSecret = (user: (typeof redisUsers)[number], namespaces: readonly string[]): CatalogueEntry => ({
  kind: 'Secret',
  name: `${user}-redis`,
  namespaces,
  keys: {
    url: made(`redis-${user}`, ({ current }) => {
      const url = new URL(`redis://${redisHost}:6379`)
      url.username = user
      url.password = current.value
      return url.href
    }),
  },
})

/** The access list of Redis holds hashes, and no command that empties or reconfigures the server. */
const redisAccessList: MadeValue = {
  from: redisUsers.map((user) => `redis-${user}`),
  render: ({ material }) =>
    [
      'user default off',
      ...redisUsers.map((user) => {
        const hashes = acceptedVersions(material(`redis-${user}`)).map(
          ({ value }) => `#${createHash('sha256').update(value).digest('hex')}`,
        )
        return `user ${user} on ${hashes.join(' ')} ~* &* +@all -@admin -@dangerous +info`
      }),
      '',
    ].join('\n'),
}

/** Settings that the functions of each namespace read. */
const settings: Readonly<Record<string, readonly string[]>> = {
  auth: ['login-redirect-uris', 'web-origins'],
  events: ['broker-url'],
  jobs: ['broker-url', 's3-bucket', 's3-region'],
  users: ['broker-url', 'web-origins'],
  waste: ['broker-url', 'openai-base-url', 'public-base-url', 's3-bucket', 's3-region', 'web-origins'],
}

/** Every Secret and ConfigMap that anything in a cluster refers to, and nothing else: the check compares. */
export const catalogue: readonly CatalogueEntry[] = [
  ...Object.entries(settings).map(
    ([namespace, keys]): CatalogueEntry => ({
      kind: 'ConfigMap',
      name: 'growbin',
      namespaces: [namespace],
      madeBy: 'chart',
      keys: Object.fromEntries(keys.map((key) => [key, { given: `config.${key} of charts/growbin/values.yaml` }])),
    }),
  ),
  {
    kind: 'ConfigMap',
    name: 'auth-public-keys',
    namespaces: ['auth', 'users', 'waste'],
    keys: { 'jwks.json': made('auth-signing-key', publicKeysOf) },
  },
  {
    kind: 'ConfigMap',
    name: 'operator-public-keys',
    namespaces: ['events'],
    keys: { 'jwks.json': made('operator-signing-key', publicKeysOf) },
  },
  {
    kind: 'Secret',
    name: 'auth-signing-key',
    namespaces: ['auth'],
    keys: { 'jwk.json': made('auth-signing-key', ({ current }) => current.value) },
  },
  {
    kind: 'Secret',
    name: 'auth-refresh-token-key',
    namespaces: ['auth'],
    keys: { key: made('auth-refresh-token-key', ({ current }) => current.value) },
  },
  {
    kind: 'Secret',
    name: 'auth-provider-token-keys',
    namespaces: ['auth', 'jobs'],
    keys: { 'keys.json': made('auth-provider-token-keys', keySetOf) },
  },
  {
    kind: 'Secret',
    name: 'event-keys',
    namespaces: ['events', 'jobs', 'users', 'waste'],
    keys: { 'keys.json': made('event-keys', keySetOf) },
  },
  ...(['users', 'waste'] as const).map(
    (domain): CatalogueEntry => ({
      kind: 'Secret',
      name: `${domain}-pseudonym-key`,
      namespaces: [domain],
      keys: { key: made(`${domain}-pseudonym-key`, ({ current }) => current.value) },
    }),
  ),
  databaseSecret('auth', ['auth', 'events', 'jobs']),
  databaseSecret('events', ['events', 'jobs']),
  databaseSecret('locations', ['events', 'jobs']),
  databaseSecret('users', ['events', 'jobs', 'users']),
  databaseSecret('waste', ['events', 'jobs', 'waste']),
  {
    kind: 'Secret',
    name: 'migrate-database',
    namespaces: ['data'],
    keys: { url: databaseUrl(migrationLogin) },
    readBy: ['charts/growbin/templates/migration-job.yaml'],
  },
  ...[...databaseLogins, migrationLogin].flatMap(databaseUserSecrets),
  redisSecret('auth', ['auth']),
  redisSecret('events', ['events']),
  redisSecret('users', ['users']),
  redisSecret('waste', ['jobs', 'waste']),
  {
    kind: 'Secret',
    name: 'redis-users',
    namespaces: ['data'],
    keys: { 'users.acl': redisAccessList },
    readBy: ['charts/growbin/templates/redis.yaml'],
  },
  {
    kind: 'Secret',
    name: 'auth-login-providers',
    namespaces: ['auth'],
    keys: { 'providers.json': { given: 'client ids and secrets from the consoles of Kakao, Naver and Google' } },
  },
  {
    kind: 'Secret',
    name: 'jobs-provider-apis',
    namespaces: ['jobs'],
    keys: {
      'providers.json': { given: 'admin key of Kakao, client of Naver, and {} for Google, from their consoles' },
    },
  },
  {
    kind: 'Secret',
    name: 'jobs-kakao-local',
    namespaces: ['jobs'],
    keys: { 'rest-api-key': { given: 'REST API key from the console of Kakao' } },
  },
  {
    kind: 'Secret',
    name: 'waste-openai',
    namespaces: ['waste'],
    keys: { 'api-key': { given: 'API key of a project with a monthly limit, from the console of OpenAI' } },
  },
]
