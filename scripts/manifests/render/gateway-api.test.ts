import { expect, test } from 'vitest'
import * as z from 'zod'
import { variable } from '../../../functions/_lib/variables/variable.ts'
import { httpSpec } from '../example-specs.ts'
import type { HttpSpec } from '../trigger-kind.ts'
import { renderGatewayApi } from './gateway-api.ts'

const withRoutes = (name: string, ...routes: HttpSpec['trigger']['routes']): HttpSpec => ({
  ...httpSpec,
  name,
  trigger: { routes },
})

test('a route rewrites the host to the name of its function, as the rules of the load balancer do', () => {
  const routes = renderGatewayApi([
    withRoutes(
      'waste-status',
      { method: 'GET', path: '/api/v1/waste/status/:job' },
      { method: 'GET', path: '/api/v1/waste/all' },
    ),
  ])
  expect([...routes.keys()]).toEqual(['gateway', 'waste-status'])
  expect(routes.get('waste-status')?.map(({ spec }) => spec)).toEqual([
    {
      parentRefs: [{ name: 'api', sectionName: 'https' }],
      hostnames: ['growbin.app'],
      rules: [
        {
          matches: [
            { path: { type: 'Exact', value: '/api/v1/waste/all' } },
            { path: { type: 'RegularExpression', value: '^/api/v1/waste/status/[^/]+$' } },
          ],
          filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'waste-status.waste.growbin.internal' } }],
          backendRefs: [{ name: 'kourier-alb', port: 80 }],
        },
      ],
    },
  ])
})

test('methods decide only where two functions share a path', () => {
  const path = '/api/v1/chat/messages'
  const routes = renderGatewayApi([
    withRoutes('chat-message', { method: 'POST', path }),
    withRoutes('chat-history', { method: 'GET', path }),
  ])
  const matchesOf = (name: string) => {
    const spec = routes.get(name)?.[0]?.spec as { rules: { matches: object[] }[] } | undefined
    return spec?.rules[0]?.matches
  }
  expect(matchesOf('chat-message')).toEqual([{ path: { type: 'Exact', value: path }, method: 'POST' }])
  expect(matchesOf('chat-history')).toEqual([
    { path: { type: 'Exact', value: path }, method: 'GET' },
    { path: { type: 'Exact', value: path }, method: 'HEAD' },
  ])
})

test('routes of operators refer to a condition on their networks, without loopbacks', () => {
  const routes = renderGatewayApi([
    {
      ...withRoutes('events-operate', { method: 'GET', path: '/api/v1/operations/things', access: 'operator' }),
      variables: { OPERATOR_NETWORKS: variable(z.string(), { value: '["127.0.0.0/8","::1/128","10.0.0.0/8"]' }) },
    },
  ])
  expect(routes.get('events-operate')?.map(({ kind, spec }) => [kind, spec])).toEqual([
    ['HTTPRoute', expect.objectContaining({ hostnames: ['growbin.app'] })],
    ['ListenerRuleConfiguration', { conditions: [{ field: 'source-ip', sourceIPConfig: { values: ['10.0.0.0/8'] } }] }],
  ])
  expect(JSON.stringify(routes.get('events-operate')?.[0])).toContain('"name":"events-operate"}')
})

test('plain HTTP is redirected and reaches no function', () => {
  const [entry, redirect] = renderGatewayApi([httpSpec]).get('gateway') ?? []
  expect(entry?.kind).toBe('Gateway')
  expect(redirect?.spec).toEqual({
    parentRefs: [{ name: 'api', sectionName: 'http' }],
    rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
  })
})
