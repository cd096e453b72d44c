import * as z from 'zod'
import { eventKeysVariables } from '../events/event-keys.ts'
import { jsonVariable, logLevelVariable } from './config.ts'

/** Variables that several functions read, each group with the resource it configures. */

export const logVariables = {
  LOG_LEVEL: logLevelVariable,
  /** Set by Knative. */
  K_REVISION: z.string().optional(),
}

const publicKeySchema = z
  .looseObject({ kty: z.string(), kid: z.string() })
  // The set is handed out to whoever asks.
  .refine((key) => key.d === undefined && key.k === undefined, 'expected public keys, found a private or secret one')

const jwksSchema = z.object({ keys: z.array(publicKeySchema).min(1) })

export const webVariables = {
  /** Origins of our web clients, compared exactly; one JSON array. */
  WEB_ORIGINS: jsonVariable(z.array(z.url({ protocol: /^https?$/ }))).default([]),
}

export const authVariables = {
  /** JSON Web Key Set with the public keys that access tokens are verified with. */
  AUTH_PUBLIC_KEYS: jsonVariable(jwksSchema),
}

export const operatorVariables = {
  /** JSON Web Key Set with the public keys that operator tokens are verified with. None of them signs access tokens. */
  OPERATOR_PUBLIC_KEYS: jsonVariable(jwksSchema),
}

export const databaseVariables = {
  DATABASE_URL: z.url({ protocol: /^postgres(?:ql)?$/ }),
  /** For a process that stands for many instances; else `connections` of the function says it. */
  DATABASE_CONNECTIONS_MAX: z.coerce.number().int().min(1).max(50).optional(),
}

export const redisVariables = { REDIS_URL: z.url({ protocol: /^rediss?$/ }) }

export const brokerVariables = {
  /** Ingress of the broker. */
  BROKER_URL: z.url({ protocol: /^https?$/ }),
  ...eventKeysVariables,
}

export const objectStoreVariables = {
  S3_BUCKET: z.string().min(3).max(63),
  S3_REGION: z.string(),
  /** Another store than AWS. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
}

type ObjectStoreConfig = {
  S3_BUCKET: string
  S3_REGION: string
  S3_ENDPOINT?: string | undefined
  S3_ACCESS_KEY_ID?: string | undefined
  S3_SECRET_ACCESS_KEY?: string | undefined
}

/** The options of `openObjectStore` that these variables stand for. */
export function objectStoreOptions(config: ObjectStoreConfig) {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config
  return {
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    ...(config.S3_ENDPOINT && { endpoint: config.S3_ENDPOINT }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  }
}
