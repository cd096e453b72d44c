import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findKustomizationProblems } from './kustomization-rules.ts'

let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'kustomization-'))
  await mkdir(join(repository, 'eventing/broker'), { recursive: true })
})
afterEach(() => rm(repository, { recursive: true }))

const write = (path: string, text: string) => writeFile(join(repository, path), text)

test('a resource or patch that is not there, and a file that is never applied, are named', async () => {
  await write(
    'eventing/broker/kustomization.yaml',
    'resources: [gone.yaml, here.yaml]\npatches: [{ path: set.patch.yaml }, { patch: x }]\n',
  )
  await write('eventing/broker/here.yaml', '')
  await write('eventing/broker/forgotten.yaml', '')
  await write('eventing/broker/set.patch.yaml', '')
  await write('eventing/broker/unused.patch.yaml', '')
  expect((await findKustomizationProblems(repository)).sort()).toEqual([
    'eventing/broker/forgotten.yaml is not named in eventing/broker/kustomization.yaml, so it is never applied',
    'eventing/broker/kustomization.yaml names "eventing/broker/gone.yaml", which is not there',
    'eventing/broker/unused.patch.yaml is not named in eventing/broker/kustomization.yaml, so it is never applied',
  ])
})

test('a folder counts when it has a kustomization of its own', async () => {
  await mkdir(join(repository, 'eventing/overlay'))
  await write('eventing/broker/kustomization.yaml', 'resources: []\n')
  await write('eventing/overlay/kustomization.yaml', 'resources: [../broker, ../other]\n')
  expect(await findKustomizationProblems(repository)).toEqual([
    'eventing/overlay/kustomization.yaml names "eventing/other", which is not there',
  ])
})

test('a component that is not there is named', async () => {
  await mkdir(join(repository, 'eventing/stages'))
  await write('eventing/broker/kustomization.yaml', 'components: [../stages, ../other]\n')
  await write('eventing/stages/kustomization.yaml', 'kind: Component\n')
  expect(await findKustomizationProblems(repository)).toEqual([
    'eventing/broker/kustomization.yaml names "eventing/other", which is not there',
  ])
})
