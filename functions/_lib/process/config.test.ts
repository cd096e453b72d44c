import { expect, test } from 'vitest'
import * as z from 'zod'
import { accessTokens, database, objectStoreOptions, redis } from '../variables/groups.ts'
import { readConfig, variable } from '../variables/variable.ts'
import { booleanVariable, ConfigError, jsonVariable, parseConfig } from './config.ts'

const canary = 'canary-81c2'

test('every problem is in one error, by name, and no value is', () => {
  const variables = {
    ...database('users', { connectionsMax: 1 }),
    ...redis('users'),
    ...accessTokens(),
    SECRET: variable(z.string().min(40)),
    SERVICE_TOKENS: variable(jsonVariable(z.record(z.string(), z.string().max(3)))),
    DEBUG: variable(booleanVariable),
    PORT: variable(z.coerce.number().int()),
  }
  const parse = () =>
    readConfig(variables, {
      DATABASE_URL: `mysql://root:${canary}@host/db`,
      REDIS_URL: '',
      AUTH_PUBLIC_KEYS: `{"${canary}":`,
      SECRET: canary,
      SERVICE_TOKENS: JSON.stringify({ a: canary }),
      DEBUG: canary,
      PORT: canary,
    })
  expect(parse).toThrow(ConfigError)
  expect(parse).toThrow(/^The environment has 7 problem\(s\): /)
  for (const name of ['DATABASE_URL', 'AUTH_PUBLIC_KEYS', 'SECRET', 'SERVICE_TOKENS', 'DEBUG', 'PORT']) {
    expect(parse).toThrow(`"${name}" is wrong: `)
  }
  expect(parse).toThrow('"REDIS_URL" is missing')
  expect(parse).not.toThrow(canary)
})

test('a variable that no schema names is ignored, and an empty one takes its default', () => {
  const schema = z.object({ PORT: z.coerce.number().default(8080) })
  expect(parseConfig(schema, { PORT: '', HOME: '/root' })).toEqual({ PORT: 8080 })
})

test('a flag is "true" or "false" and nothing like it', () => {
  const schema = z.object({ FLAG: booleanVariable })
  expect(parseConfig(schema, { FLAG: 'true' })).toEqual({ FLAG: true })
  expect(parseConfig(schema, { FLAG: 'false' })).toEqual({ FLAG: false })
  for (const FLAG of ['1', 'TRUE', 'yes', 'no']) expect(() => parseConfig(schema, { FLAG })).toThrow(ConfigError)
})

test('half a pair of credentials is not used', () => {
  const store = { S3_BUCKET: 'photos', S3_REGION: 'r' }
  expect(objectStoreOptions({ ...store, S3_ACCESS_KEY_ID: 'a' })).toEqual({ bucket: 'photos', region: 'r' })
  expect(
    objectStoreOptions({ ...store, S3_ENDPOINT: 'http://s3', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' }),
  ).toEqual({
    bucket: 'photos',
    region: 'r',
    endpoint: 'http://s3',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
})
