import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { type Cluster, findClusterProblems, loadClusters } from './clusters.ts'

let clusters: Cluster[]

beforeAll(async () => {
  clusters = await loadClusters(fileURLToPath(new URL('../../..', import.meta.url)))
})

test('every pod of both clusters fits, at minimum and at maximum scale', () => {
  expect(clusters.map(({ name }) => name)).toEqual(['four-node', 'nine-node'])
  expect(findClusterProblems(clusters)).toEqual([])
})

test('a trigger is two dispatchers, and a broker an ingress', () => {
  const counts = clusters.map(({ pods }) =>
    pods.filter(({ place }) => place === 'untainted').reduce((sum, { count }) => sum + count.max, 0),
  )
  expect(counts).toEqual([5 * 2 + 2, 9 * 2 + 2])
})
