import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { domainOf, type FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import { variable } from '../../../functions/_lib/variables/variable.ts'
import { httpSpec } from '../example-specs.ts'
import { loadSpecs } from '../load-specs.ts'
import { findUnknownVariables } from './destinations.ts'
import { isAllowed, type Party } from './is-allowed.ts'
import { podOf } from './matrix.ts'
import { dataNamespace, peers, ports, serviceLabel } from './peers.ts'
import type { NetworkPolicy } from './policy.ts'
import { renderPolicies } from './render-policies.ts'

let specs: FunctionSpec[]
let policies: NetworkPolicy[]

beforeAll(async () => {
  const repository = fileURLToPath(new URL('../../..', import.meta.url))
  specs = (await loadSpecs(repository)).map(({ spec }) => spec)
  policies = [...renderPolicies(specs).values()].flat() as NetworkPolicy[]
})

const podOfFunction = (name: string) => ({ namespace: domainOf({ name }), labels: { [serviceLabel]: name } })
const data = { namespace: dataNamespace, labels: {} }
const stranger = { namespace: 'default', labels: {} }
const model = { address: '203.0.113.7' }
const may = (from: Party, to: Party, port: number) => isAllowed(policies, from, to, port)

describe('a function', () => {
  test('reaches what its variables name and nothing else', () => {
    const status = podOfFunction('waste-status')
    expect(may(status, data, ports.postgresql)).toBe(true)
    expect(may(status, data, ports.redis)).toBe(true)
    expect(may(status, podOf(peers.brokerIngress), ports.brokerIngress)).toBe(false)
    expect(may(status, model, ports.https)).toBe(false)
    expect(may(podOfFunction('waste-ai-analyze'), model, ports.https)).toBe(true)
    expect(may(podOfFunction('waste-ai-analyze'), model, 80)).toBe(false)
    expect(may(podOfFunction('events-dead-letter'), data, ports.redis)).toBe(false)
  })

  test('reaches no private address by way of the outside', () => {
    const analyze = podOfFunction('waste-ai-analyze')
    for (const address of ['10.0.1.9', '172.16.0.1', '192.168.3.4', '100.64.0.1', '169.254.169.254'])
      expect(may(analyze, { address }, ports.https)).toBe(false)
    expect(may(analyze, { address: '169.254.169.254' }, ports.nodeCredentials)).toBe(true)
    expect(may(podOfFunction('auth-login'), { address: '169.254.169.254' }, ports.nodeCredentials)).toBe(false)
  })

  test('resolves names', () => {
    for (const { name } of specs) expect(may(podOfFunction(name), podOf(peers.dns), ports.dns)).toBe(true)
  })

  test('is reached by the gateway, the activator and the autoscaler, through its sidecar alone', () => {
    for (const { name } of specs) {
      for (const from of [peers.gateway, peers.activator, peers.autoscaler]) {
        expect(may(podOf(from), podOfFunction(name), 8012)).toBe(true)
        expect(may(podOf(from), podOfFunction(name), 8080)).toBe(false)
      }
    }
  })

  test('is reached by no other function, no broker, no store and no other pod', () => {
    const others = [...specs.map(({ name }) => podOfFunction(name)), podOf(peers.dispatchers), data, stranger]
    for (const { name } of specs) {
      for (const from of others) expect(may(from, podOfFunction(name), 8012)).toBe(false)
    }
  })
})

describe('the broker', () => {
  test('takes events from the functions that name it, from dispatchers and from cron sources', () => {
    const taking = specs
      .map(({ name }) => name)
      .filter((name) => may(podOfFunction(name), podOf(peers.brokerIngress), ports.brokerIngress))
    expect(taking).toEqual(specs.filter(({ variables }) => variables.BROKER_URL).map(({ name }) => name))
    expect(taking.length).toBeGreaterThan(0)
    for (const from of [peers.dispatchers, peers.cronSources])
      expect(may(podOf(from), podOf(peers.brokerIngress), ports.brokerIngress)).toBe(true)
  })

  test('takes dead letters from dispatchers alone', () => {
    expect(may(podOf(peers.dispatchers), podOf(peers.deadLetterIngress), ports.brokerIngress)).toBe(true)
    for (const { name } of specs)
      expect(may(podOfFunction(name), podOf(peers.deadLetterIngress), ports.brokerIngress)).toBe(false)
  })

  test('delivers through the internal listener of the gateway, where only cron sources come too', () => {
    expect(may(podOf(peers.dispatchers), podOf(peers.gateway), ports.gatewayInternal)).toBe(true)
    expect(may(podOf(peers.cronSources), podOf(peers.gateway), ports.gatewayInternal)).toBe(true)
    expect(may(stranger, podOf(peers.gateway), ports.gatewayInternal)).toBe(false)
    expect(may({ address: '203.0.113.7' }, podOf(peers.gateway), ports.gatewayInternal)).toBe(false)
    expect(may({ address: '203.0.113.7' }, podOf(peers.gateway), 8080)).toBe(true)
  })

  test('has RabbitMQ for itself', () => {
    for (const from of [peers.brokerIngress, peers.deadLetterIngress, peers.dispatchers])
      expect(may(podOf(from), podOf(peers.rabbitmq), ports.amqp)).toBe(true)
    for (const { name } of specs) expect(may(podOfFunction(name), podOf(peers.rabbitmq), ports.amqp)).toBe(false)
    expect(may(stranger, podOf(peers.rabbitmq), ports.amqp)).toBe(false)
  })
})

test('the stores are reached by the functions that name them, and by no other pod', () => {
  for (const { name, variables } of specs) {
    const names = Object.keys(variables)
    expect(may(podOfFunction(name), data, ports.postgresql)).toBe(names.some((key) => key.endsWith('DATABASE_URL')))
    expect(may(podOfFunction(name), data, ports.redis)).toBe(names.includes('REDIS_URL'))
  }
  for (const from of [stranger, podOf(peers.dispatchers), podOf(peers.gateway)]) {
    expect(may(from, data, ports.postgresql)).toBe(false)
    expect(may(from, data, ports.redis)).toBe(false)
  }
})

test('every namespace denies what it does not name', () => {
  const namespaces = [...new Set(specs.map(domainOf)), 'messaging', dataNamespace]
  for (const namespace of namespaces) {
    expect(may({ namespace, labels: { new: 'pod' } }, model, ports.https)).toBe(namespace === dataNamespace)
    expect(may(stranger, { namespace, labels: { new: 'pod' } }, 8080)).toBe(false)
  }
})

test('a store that no function names lets no function in', () => {
  const none = [...renderPolicies([{ ...httpSpec, variables: {} }]).values()].flat() as NetworkPolicy[]
  expect(isAllowed(none, stranger, data, ports.redis)).toBe(false)
  expect(isAllowed(none, podOfFunction('waste-presign'), data, ports.postgresql)).toBe(false)
})

describe('a variable', () => {
  test('is known to name something or nothing, for every function', () => {
    expect(findUnknownVariables(specs)).toEqual([])
  })

  test('that no rule knows is a problem', () => {
    const spec = { ...httpSpec, variables: { SEARCH_URL: variable(z.url(), { value: 'https://search.example' }) } }
    expect(findUnknownVariables([spec]).join()).toContain(
      'waste-presign: no network policy is known for the variable "SEARCH_URL"',
    )
  })
})
