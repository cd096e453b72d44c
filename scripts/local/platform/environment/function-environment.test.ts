import { expect, test } from 'vitest'
import { readLocalDeployment } from '../deployment/read-local-deployment.ts'
import { environmentOf } from './function-environment.ts'
import { createLocalValues } from './local-values.ts'

const url = 'http://127.0.0.1:1'
const values = createLocalValues({
  services: {
    databaseUrl: 'postgres://localhost/growbin',
    redisUrl: 'redis://localhost',
    objectStore: { endpoint: url, accessKeyId: undefined, secretAccessKey: undefined },
    model: { baseUrl: url, apiKey: 'key', name: 'vision' },
    maps: { url, restApiKey: 'rest' },
    loginIssuers: { kakao: url, naver: url, google: url },
  },
  secrets: {
    signingKey: { kty: 'EC', d: 'private', kid: 'signing' },
    operatorKey: { kty: 'EC', d: 'private', kid: 'operator' },
    s3: { accessKeyId: '', secretAccessKey: '' },
    modelApiKey: '',
    loginClientSecret: 'client',
    refreshTokenKey: 'refresh',
    providerTokenKey: 'token',
    pseudonymKey: 'pseudonym',
    kakaoAdminKey: 'admin',
    kakaoRestApiKey: 'rest',
    eventKey: 'event',
  },
  brokerUrl: `${url}/`,
  publicBaseUrl: url,
  bucket: 'bucket',
  region: 'region',
})
const options = { values, read: [], overrides: {} }

test('every key that a manifest names exists here, and every key that exists here is named by one', async () => {
  const { services } = await readLocalDeployment('stages')
  for (const service of services) expect(() => environmentOf(service, options)).not.toThrow()
  const named = new Set(
    services.flatMap(({ variables }) =>
      Object.values(variables).flatMap((origin) =>
        'value' in origin ? [] : `${origin.kind} ${origin.name} ${origin.key}`,
      ),
    ),
  )
  const there = Object.entries(values).flatMap(([kind, objects]) =>
    Object.entries(objects).flatMap(([name, keys]) => Object.keys(keys).map((key) => `${kind} ${name} ${key}`)),
  )
  expect(there.filter((each) => !named.has(each))).toEqual([])
})

test('a key that does not exist here is an error that names the variable, the function and the key', () => {
  const variables = {
    ONE: { kind: 'Secret', name: 'waste-redis', key: 'address', optional: false },
    OTHER: { kind: 'ConfigMap', name: 'settings', key: 'level', optional: true },
  } as const
  expect(() => environmentOf({ name: 'waste-status', variables }, options)).toThrow(
    '"ONE" of "waste-status" is key "address" of Secret "waste-redis"; ' +
      '"OTHER" of "waste-status" is key "level" of ConfigMap "settings"; the local platform has no such key',
  )
})

test('a variable has the value of its manifest, and none when its key is not set here', () => {
  const variables = {
    LIMIT: { value: '6' },
    BUCKET: { kind: 'ConfigMap', name: 'growbin', key: 's3-bucket', optional: false },
    S3_ACCESS_KEY_ID: { kind: 'Secret', name: 'object-store', key: 'access-key-id', optional: true },
  } as const
  expect(environmentOf({ name: 'waste-status', variables }, options)).toEqual({
    K_REVISION: 'waste-status-local',
    LIMIT: '6',
    BUCKET: 'bucket',
  })
})

test('the environment of the process wins for what a function reads, except for what each function has of its own', () => {
  const variables = {
    LIMIT: { value: '6' },
    DATABASE_URL: { kind: 'Secret', name: 'waste-database', key: 'url', optional: false },
    S3_ENDPOINT: { kind: 'ConfigMap', name: 'growbin', key: 's3-endpoint', optional: true },
  } as const
  const overrides = {
    LIMIT: '7',
    LOG_LEVEL: 'debug',
    PATH: '/bin',
    DATABASE_URL: 'other',
    S3_ENDPOINT: 'other',
    PORT: '1',
  }
  const read = ['LIMIT', 'LOG_LEVEL', 'DATABASE_URL', 'PORT']
  expect(environmentOf({ name: 'waste-status', variables }, { values, read, overrides })).toEqual({
    K_REVISION: 'waste-status-local',
    LIMIT: '7',
    LOG_LEVEL: 'debug',
    DATABASE_URL: expect.stringContaining('growbin_waste'),
    S3_ENDPOINT: url,
  })
})
