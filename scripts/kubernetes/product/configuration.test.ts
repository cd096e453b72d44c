import { expect, test } from 'vitest'
import { configurationObjects } from './configuration.ts'

const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k', alg: 'ES256', use: 'sig', d: 'private' }
const options = {
  services: {
    databaseUrl: 'postgres://admin:secret@database:5432/growbin',
    redisUrl: 'redis://redis:6379',
    objectStore: { endpoint: 'http://store:1', accessKeyId: 'id', secretAccessKey: 'secret' },
    model: { baseUrl: 'http://model:1/v1', apiKey: 'key', name: 'vision' },
    maps: { url: 'http://maps:1', restApiKey: 'key' },
    loginIssuers: { kakao: 'http://127.0.0.1:1', naver: 'http://127.0.0.1:2', google: 'http://127.0.0.1:3' },
  },
  secrets: {
    signingKey: jwk,
    operatorKey: jwk,
    s3: { accessKeyId: 'id', secretAccessKey: 'secret' },
    modelApiKey: 'key',
    loginClientSecret: 'secret',
    refreshTokenKey: 'key',
    providerTokenKey: 'key',
    pseudonymKey: 'key',
    kakaoAdminKey: 'key',
    kakaoRestApiKey: 'key',
    eventKey: 'key',
  },
  brokerUrl: 'http://broker',
  publicBaseUrl: 'http://api',
  bucket: 'growbin',
  region: 'r',
}

const fn = (namespace: string, ...valueFrom: object[]) => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'fn', namespace },
  spec: {
    template: {
      spec: { containers: [{ env: valueFrom.map((each, index) => ({ name: `V${index}`, valueFrom: each })) }] },
    },
  },
})

test('each namespace gets the keys that its functions refer to, and no others', () => {
  const broker = { configMapKeyRef: { name: 'growbin', key: 'broker-url' } }
  const database = { secretKeyRef: { name: 'waste-database', key: 'url' } }
  const objects = configurationObjects([fn('waste', broker, database), fn('jobs', broker), fn('jobs', broker)], options)
  expect(objects.map(({ kind, metadata, data, stringData }) => [kind, metadata.namespace, data ?? stringData])).toEqual(
    [
      ['ConfigMap', 'waste', { 'broker-url': 'http://broker' }],
      ['Secret', 'waste', { url: expect.stringContaining('role%3Dgrowbin_waste') }],
      ['ConfigMap', 'jobs', { 'broker-url': 'http://broker' }],
    ],
  )
})

test('a key that nothing gives a value to is refused by name, unless it is optional', () => {
  const unknown = { name: 'waste-unknown', key: 'url' }
  expect(() => configurationObjects([fn('waste', { secretKeyRef: unknown })], options)).toThrow(
    'key "url" of Secret "waste/waste-unknown"',
  )
  expect(configurationObjects([fn('waste', { secretKeyRef: { ...unknown, optional: true } })], options)).toEqual([])
})
