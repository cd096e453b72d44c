import { expect, test } from 'vitest'
import * as z from 'zod'
import { variable } from '../../../functions/_lib/variables/variable.ts'
import { httpSpec } from '../example-specs.ts'
import type { HttpSpec } from '../trigger-kind.ts'
import { renderGateway } from './gateway.ts'

const alb = 'alb.ingress.kubernetes.io'
const withRoutes = (name: string, ...routes: HttpSpec['trigger']['routes']): HttpSpec => ({
  ...httpSpec,
  name,
  trigger: { routes },
})

type Path = { path: string; pathType: string; backend: { service: { name: string } } }

function ingressOf(...specs: HttpSpec[]) {
  const ingress = renderGateway(specs).find(({ kind }) => kind === 'Ingress')
  const spec = ingress?.spec as { rules: { http: { paths: Path[] } }[] } | undefined
  return { annotations: ingress?.metadata.annotations ?? {}, paths: spec?.rules[0]?.http.paths ?? [] }
}

test('a rule rewrites the host to the name of its function on the external listener', () => {
  const { annotations, paths } = ingressOf(httpSpec)
  expect(paths).toEqual([
    {
      path: '/api/v1/waste/analyze',
      pathType: 'Exact',
      backend: { service: { name: 'waste-presign', port: { name: 'use-annotation' } } },
    },
  ])
  expect(JSON.parse(annotations[`${alb}/transforms.waste-presign`] ?? '')).toEqual([
    {
      type: 'host-header-rewrite',
      hostHeaderRewriteConfig: { rewrites: [{ regex: '.*', replace: 'waste-presign.waste.growbin.internal' }] },
    },
  ])
})

test('a path parameter becomes a wildcard and comes after every exact path', () => {
  const { paths } = ingressOf(
    withRoutes(
      'locations-bins',
      { method: 'GET', path: '/api/v1/locations/:kind/:id' },
      { method: 'GET', path: '/api/v1/locations/bins/:id' },
      { method: 'GET', path: '/api/v1/locations/bins/nearby' },
    ),
  )
  expect(paths.map(({ path, pathType }) => [path, pathType])).toEqual([
    ['/api/v1/locations/bins/nearby', 'Exact'],
    ['/api/v1/locations/bins/*', 'ImplementationSpecific'],
    ['/api/v1/locations/*/*', 'ImplementationSpecific'],
  ])
})

test('methods decide only where two functions share a path', () => {
  const path = '/api/v1/chat/messages'
  const { annotations, paths } = ingressOf(
    withRoutes('chat-message', { method: 'POST', path }),
    withRoutes('chat-history', { method: 'GET', path }, { method: 'GET', path: '/api/v1/chat' }),
  )
  expect(paths.map(({ path, backend }) => [path, backend.service.name])).toEqual([
    [path, 'chat-history-get-head'],
    [path, 'chat-message-post'],
    ['/api/v1/chat', 'chat-history'],
  ])
  expect(JSON.parse(annotations[`${alb}/conditions.chat-history-get-head`] ?? '')).toEqual([
    { field: 'http-request-method', httpRequestMethodConfig: { values: ['GET', 'HEAD'] } },
  ])
  expect(annotations[`${alb}/conditions.chat-history`]).toBeUndefined()
})

test('the load balancer lets operators through from their networks alone', () => {
  const path = '/api/v1/operations/things'
  const { annotations } = ingressOf(
    {
      ...withRoutes('events-operate', { method: 'GET', path, access: 'operator' }),
      variables: { OPERATOR_NETWORKS: variable(z.string(), { value: '["127.0.0.0/8","::1/128","10.0.0.0/8"]' }) },
    },
    httpSpec,
  )
  expect(JSON.parse(annotations[`${alb}/conditions.events-operate`] ?? '')).toEqual([
    { field: 'source-ip', sourceIpConfig: { values: ['10.0.0.0/8'] } },
  ])
  expect(annotations[`${alb}/conditions.waste-presign`]).toBeUndefined()
})
