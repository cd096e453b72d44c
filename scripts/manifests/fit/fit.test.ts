import { expect, test } from 'vitest'
import { findFitProblems, type Node, placePods } from './fit.ts'
import type { PodLoad } from './pod-load.ts'

const node = (name: string, tainted = false): Node => ({
  name,
  workload: name,
  tainted,
  cpuMillis: 2000,
  memoryMiB: 1000,
})
const pod = (change: Partial<PodLoad> = {}): PodLoad => ({
  name: 'waste-status',
  count: { min: 1, max: 4 },
  cpuMillis: 100,
  memoryMiB: 200,
  memoryLimitMiB: 400,
  place: { workload: 'async' },
  ...change,
})

test('a node that has enough for everything has no problem', () => {
  expect(findFitProblems('four-node', [node('async')], [pod()])).toEqual([])
})

test('a node that is over at maximum scale is named, with what it has', () => {
  const memory = pod({ count: { min: 1, max: 6 } })
  expect(findFitProblems('four-node', [node('async')], [memory])).toEqual([
    'four-node at maximum scale: "async" is asked for 1200 MiB of 1000 MiB',
  ])
  const cpu = pod({ cpuMillis: 600 })
  expect(findFitProblems('four-node', [node('async')], [cpu])).toEqual([
    'four-node at maximum scale: "async" is asked for 2400 m of 2000 m',
  ])
})

test('a function whose node does not exist is named at both scales', () => {
  expect(findFitProblems('x', [node('application')], [pod()])).toEqual([
    'x at minimum scale: "waste-status" has no node to run on',
    'x at maximum scale: "waste-status" has no node to run on',
  ])
})

test('limits that what always runs may reach at once must fit', () => {
  const greedy = pod({ memoryLimitMiB: 1001 })
  expect(findFitProblems('x', [node('async')], [greedy])).toEqual([
    'x at minimum scale: the limits of "async" are 1001 MiB of 1000 MiB, so it may run out of memory',
  ])
})

test('pods without a place go to the node with the most free memory, and never to a tainted one', () => {
  const floating = pod({ name: 'dispatcher', place: 'untainted', count: { min: 2, max: 2 }, memoryMiB: 300 })
  const { fits } = placePods(
    [node('a'), node('b'), node('data', true)],
    [pod({ place: { workload: 'a' } }), floating],
    'min',
  )
  expect(fits.map(({ node: { name }, pods }) => [name, pods])).toEqual([
    ['a', 2],
    ['b', 1],
    ['data', 0],
  ])
})

test('pods without a place stay where they were put before functions grew', () => {
  const floating = pod({ name: 'dispatcher', place: 'untainted', count: { min: 1, max: 1 }, memoryMiB: 150 })
  const grower = pod({ place: { workload: 'a' }, count: { min: 0, max: 4 } })
  const steady = pod({ place: { workload: 'b' }, count: { min: 1, max: 1 } })
  const { fits } = placePods([node('a'), node('b')], [grower, steady, floating], 'max')
  expect(fits.map(({ memoryMiB }) => memoryMiB)).toEqual([950, 200])
})

test('what runs on every node counts on each, tainted or not', () => {
  const { fits } = placePods([node('a'), node('data', true)], [pod({ place: 'every node' })], 'max')
  expect(fits.map(({ memoryMiB }) => memoryMiB)).toEqual([200, 200])
})
