import { expect, test } from 'vitest'
import { readRules } from './load-balancer-rules.ts'

const prefix = 'alb.ingress.kubernetes.io'
const rewrite = (host: string) =>
  JSON.stringify([
    { type: 'host-header-rewrite', hostHeaderRewriteConfig: { rewrites: [{ regex: '.*', replace: host }] } },
  ])
const path = (path: string, name: string) => ({ path, backend: { service: { name } } })

const ingress = (annotations: Record<string, string>, ...paths: object[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'api',
    annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${prefix}/${key}`, value])),
  },
  spec: { rules: [{ http: { paths } }] },
})

const find = (object: ReturnType<typeof ingress>, path: string, method = 'GET', address = '203.0.113.9') =>
  readRules(object).find(({ matches }) => matches({ path, method, address }))?.host

test('a star stands for anything, and a dot for itself', () => {
  const object = ingress(
    { 'transforms.status': rewrite('status.waste') },
    path('/api/v1/waste/*/status.json', 'status'),
  )
  expect(find(object, '/api/v1/waste/1/status.json')).toBe('status.waste')
  expect(find(object, '/api/v1/waste/1/statusXjson')).toBeUndefined()
  expect(find(object, '/api/v1/waste/1/status.json/more')).toBeUndefined()
})

test('the first rule whose method fits is taken', () => {
  const method = (...values: string[]) =>
    JSON.stringify([{ field: 'http-request-method', httpRequestMethodConfig: { values } }])
  const object = ingress(
    {
      'transforms.read': rewrite('read.users'),
      'conditions.read': method('GET'),
      'transforms.remove': rewrite('remove.users'),
      'conditions.remove': method('DELETE'),
    },
    path('/api/v1/users', 'read'),
    path('/api/v1/users', 'remove'),
  )
  expect(find(object, '/api/v1/users', 'DELETE')).toBe('remove.users')
  expect(find(object, '/api/v1/users', 'PUT')).toBeUndefined()
})

test('a rule for operators is for their networks only', () => {
  const conditions = JSON.stringify([{ field: 'source-ip', sourceIpConfig: { values: ['10.0.0.0/8'] } }])
  const object = ingress(
    { 'transforms.operate': rewrite('operate.events'), 'conditions.operate': conditions },
    path('/operate', 'operate'),
  )
  expect(find(object, '/operate', 'GET', '10.1.2.3')).toBe('operate.events')
  expect(find(object, '/operate', 'GET', '203.0.113.9')).toBeUndefined()
})

test('a condition that it does not know, and a backend without a host, are refused by name', () => {
  const unknown = ingress(
    { 'transforms.a': rewrite('a.b'), 'conditions.a': '[{"field":"query-string"}]' },
    path('/a', 'a'),
  )
  expect(() => readRules(unknown)).toThrow('"query-string"')
  expect(() => readRules(ingress({}, path('/a', 'a')))).toThrow('"a" has no rewrite')
})
