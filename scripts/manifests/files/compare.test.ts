import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cronSpec, httpSpec, loaded, queueSpec } from '../example-specs.ts'
import { renderManifests } from '../render/render.ts'
import { compareManifests } from './compare.ts'
import { writeManifests } from './write.ts'

const rendered = renderManifests(loaded(httpSpec, queueSpec), [])
let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'manifests-'))
  await writeManifests(repository, rendered)
})
afterEach(() => rm(repository, { recursive: true }))

test('what was written compares equal, and writing it again changes nothing', async () => {
  expect(await compareManifests(repository, rendered)).toEqual([])
  expect(await writeManifests(repository, rendered)).toEqual({ written: [], removed: [] })
})

test('a changed file is named with the line that differs', async () => {
  const path = 'knative/base/waste-presign.yaml'
  const text = await readFile(join(repository, path), 'utf8')
  await writeFile(join(repository, path), text.replace('timeoutSeconds: 60', 'timeoutSeconds: 61'))
  const [difference, ...others] = await compareManifests(repository, rendered)
  expect(others).toEqual([])
  expect(difference).toMatchObject({ path, state: 'different' })
  expect(difference?.diff).toMatch(/^ {2}- \d+: +timeoutSeconds: 61\n {2}\+ \d+: +timeoutSeconds: 60$/)
})

test('a missing file and a stale file are named', async () => {
  await rm(join(repository, 'eventing/base/q-ai.yaml'))
  await writeFile(join(repository, 'knative/base/gone.yaml'), 'kind: Service\n')
  const differences = await compareManifests(repository, rendered)
  expect(differences.map(({ path, state }) => [path, state])).toEqual([
    ['eventing/base/q-ai.yaml', 'missing'],
    ['knative/base/gone.yaml', 'stale'],
  ])
})

test('the manifests of a function that is gone are removed', async () => {
  const { removed } = await writeManifests(repository, renderManifests(loaded(httpSpec, cronSpec), []))
  expect(removed.sort()).toEqual(['eventing/base/q-ai.yaml', 'knative/base/waste-ai-analyze.yaml'])
})

test('a file written by hand in a generated folder is never removed', async () => {
  await writeFile(join(repository, 'knative/base/by-hand.yaml'), '# mine\n')
  await expect(writeManifests(repository, rendered)).rejects.toThrow('"knative/base/by-hand.yaml" was written by hand')
})
