import * as z from 'zod'
import { eventKeys } from '../events/event-keys.ts'
import { jsonVariable, logLevelVariable } from '../process/config.ts'
import { type Variable, variable } from './variable.ts'

/** Groups of variables that several functions read, each with the resource it configures. */

const configMap = (key: string) => ({ configMap: 'growbin', key })
const httpUrl = z.url({ protocol: /^https?$/ })
const databaseUrl = z.url({ protocol: /^postgres(?:ql)?$/ })

/** Variables of every function, which `defineFunction` adds. */
export const logVariables = {
  LOG_LEVEL: variable(logLevelVariable),
  /** Set by Knative. */
  K_REVISION: variable(z.string().optional()),
}

const publicKeySchema = z
  .looseObject({ kty: z.string(), kid: z.string() })
  // The session function publishes the set, so it must hold no private key.
  .refine((key) => key.d === undefined && key.k === undefined, 'expected public keys, found a private or secret one')

const publicKeys = jsonVariable(z.object({ keys: z.array(publicKeySchema).min(1) }))

/** Variables of a function that browsers may call. */
export const webClients = () => ({
  /** Origins of our web clients, compared exactly; one JSON array. */
  WEB_ORIGINS: variable(jsonVariable(z.array(httpUrl)).default([]), configMap('web-origins')),
})

/** Variables of a function with routes for signed-in people, who may use a browser. */
export const accessTokens = () => ({
  /** JSON Web Key Set with the public keys that access tokens are verified with. */
  AUTH_PUBLIC_KEYS: variable(publicKeys, { configMap: 'auth-public-keys', key: 'jwks.json' }),
  ...webClients(),
})

/** Variables of a function with routes for operators. */
export const operatorTokens = () => ({
  /** JSON Web Key Set with the public keys that operator tokens are verified with. They differ from those of access tokens. */
  OPERATOR_PUBLIC_KEYS: variable(publicKeys, { configMap: 'operator-public-keys', key: 'jwks.json' }),
})

type DatabaseUrl = Variable<typeof databaseUrl> & { connectionsMax: number }

const databaseUrlOf = (domain: string, connectionsMax: number): DatabaseUrl => ({
  ...variable(databaseUrl, { secret: `${domain}-database`, key: 'url' }),
  connectionsMax,
})

/**
 * Variables of the database, with the login of one domain. `connectionsMax` is the largest number of connections of one instance;
 * `npm run check` computes whether all instances together stay within the limit of PostgreSQL.
 */
export const database = (domain: string, { connectionsMax }: { connectionsMax: number }) => ({
  DATABASE_URL: databaseUrlOf(domain, connectionsMax),
  /** Replaces `connectionsMax` in a process that serves as many instances. */
  DATABASE_CONNECTIONS_MAX: variable(z.coerce.number().int().min(1).max(50).optional()),
})

/**
 * Variables of the database with the logins of several domains, for a function that runs their tasks.
 *
 * @example `databases({ DATABASE_URL: { domain: 'events', connectionsMax: 2 } })`
 */
export function databases<Name extends `${string}DATABASE_URL`>(
  logins: Readonly<Record<Name, { domain: string; connectionsMax: number }>>,
): Record<Name, DatabaseUrl> {
  const entries = Object.entries<{ domain: string; connectionsMax: number }>(logins)
  const urls = entries.map(([name, { domain, connectionsMax }]) => [name, databaseUrlOf(domain, connectionsMax)])
  return Object.fromEntries(urls) as Record<Name, DatabaseUrl>
}

/** Variables of Redis, with the login of one domain. */
export const redis = (domain: string) => ({
  REDIS_URL: variable(z.url({ protocol: /^rediss?$/ }), { secret: `${domain}-redis`, key: 'url' }),
})

/** Variables of a function that publishes events: the broker and the signing keys. */
export const broker = () => ({
  /** Ingress of the broker. */
  BROKER_URL: variable(httpUrl, configMap('broker-url')),
  ...eventKeys(),
})

/** Variables of a function whose responses hold addresses of the API. */
export const publicAddress = () => ({
  /** Address of the public API, without a slash at the end. */
  PUBLIC_BASE_URL: variable(z.url(), configMap('public-base-url')),
})

/** Variables of the object store. In the cluster it is S3, with the credentials of the node. */
export const objectStore = () => ({
  S3_BUCKET: variable(z.string().min(3).max(63), configMap('s3-bucket')),
  S3_REGION: variable(z.string(), configMap('s3-region')),
  /** Address of another store than AWS. */
  S3_ENDPOINT: variable(httpUrl.optional()),
  S3_ACCESS_KEY_ID: variable(z.string().optional()),
  S3_SECRET_ACCESS_KEY: variable(z.string().optional()),
})

export type ObjectStoreConfig = {
  S3_BUCKET: string
  S3_REGION: string
  S3_ENDPOINT?: string | undefined
  S3_ACCESS_KEY_ID?: string | undefined
  S3_SECRET_ACCESS_KEY?: string | undefined
}

/** The options of `openObjectStore` from the variables of `objectStore`. Half a pair of credentials is ignored. */
export function objectStoreOptions(config: ObjectStoreConfig) {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config
  return {
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    ...(config.S3_ENDPOINT && { endpoint: config.S3_ENDPOINT }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  }
}
