import { expect, test } from 'vitest'
import { describePod, describeReadiness } from './pod-problems.ts'

const pod = (status: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', ...metadata },
  status,
})
const notReady = { type: 'Ready', status: 'False' }

test('a pod that is ready, has ended well or is being removed is no problem', () => {
  expect(describePod(pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }))).toBeUndefined()
  expect(describePod(pod({ phase: 'Succeeded' }))).toBeUndefined()
  expect(describePod(pod({ phase: 'Running' }, { deletionTimestamp: '2026-03-02T00:00:00Z' }))).toBeUndefined()
})

test('a pod that no node takes says what the nodes lack', () => {
  const conditions = [
    { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' },
  ]
  expect(describePod(pod({ phase: 'Pending', conditions }))).toBe(
    'no node takes it: 0/1 nodes are available: 1 Insufficient cpu.',
  )
})

test('a container that ends again and again says how it ended', () => {
  const containerStatuses = [
    {
      name: 'function',
      ready: false,
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'Error', exitCode: 1 } },
    },
    { name: 'queue-proxy', ready: true, restartCount: 0, state: { running: {} } },
  ]
  expect(describePod(pod({ phase: 'Running', conditions: [notReady], containerStatuses }))).toBe(
    '"function" waits: CrashLoopBackOff, ended before with 1 (Error), 4 restarts',
  )
})

test('an object of Knative says which of its conditions do not hold', () => {
  const conditions = [
    { type: 'Addressable', status: 'True' },
    { type: 'IngressReady', status: 'Unknown', message: 'waiting for the deployment' },
    { type: 'Ready', status: 'Unknown' },
  ]
  expect(describeReadiness(pod({ conditions }))).toBe('IngressReady: waiting for the deployment')
  expect(describeReadiness(pod({ conditions: [{ type: 'Ready', status: 'True' }] }))).toBeUndefined()
  expect(describeReadiness(pod({}))).toBe('nothing has looked at it yet')
})
