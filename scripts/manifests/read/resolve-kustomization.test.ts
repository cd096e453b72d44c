import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import type { Resource } from '../resource.ts'
import { resolveKustomization } from './resolve-kustomization.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const kubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

let repository: string
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'kustomization-'))
})
afterEach(() => rm(repository, { recursive: true }))

const write = async (path: string, document: object) => {
  await mkdir(join(repository, dirname(path)), { recursive: true })
  await writeFile(join(repository, path), stringify(document))
}
const kustomization = (fields: object) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  ...fields,
})
const service = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name, labels },
  spec: { timeoutSeconds: 60, env: [] as unknown[] },
})
const resolve = () => resolveKustomization(repository, 'overlays/own')
const withPatch = async (patch: unknown, target: object = { kind: 'Service' }) => {
  await write('base/one.yaml', service('one', { tier: 'async' }))
  await write('base/other.yaml', service('other', { tier: 'application' }))
  await write('base/kustomization.yaml', kustomization({ resources: ['one.yaml', 'other.yaml'] }))
  await write(
    'overlays/own/kustomization.yaml',
    kustomization({ resources: ['../../base'], patches: [{ target, patch: stringify(patch) }] }),
  )
}
const timeouts = async () =>
  (await resolve()).map(({ metadata, spec }) => [metadata.name, (spec as { timeoutSeconds: number }).timeoutSeconds])

const setTimeoutTo45 = [{ op: 'replace', path: '/spec/timeoutSeconds', value: 45 }]

test('a patch changes the resources that its target selects, and no other', async () => {
  await withPatch(setTimeoutTo45, { kind: 'Service', labelSelector: 'tier=async' })
  expect(await timeouts()).toEqual([
    ['one', 45],
    ['other', 60],
  ])
  await withPatch(setTimeoutTo45, { labelSelector: 'tier in (async, application)' })
  expect(await timeouts()).toEqual([
    ['one', 45],
    ['other', 45],
  ])
  await withPatch(setTimeoutTo45, { name: 'other' })
  expect(await timeouts()).toEqual([
    ['one', 60],
    ['other', 45],
  ])
})

test('the patches of a component reach what was there before it, and the patches of the overlay come last', async () => {
  await withPatch([{ op: 'replace', path: '/spec/timeoutSeconds', value: 50 }], { name: 'other' })
  const patches = [{ target: { kind: 'Service' }, patch: stringify(setTimeoutTo45) }]
  await write('part/kustomization.yaml', {
    ...kustomization({ patches }),
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
  })
  await write(
    'overlays/own/kustomization.yaml',
    kustomization({
      resources: ['../../base'],
      components: ['../../part'],
      patches: [{ target: { name: 'other' }, patch: stringify([{ op: 'add', path: '/spec/env/-', value: 'A' }]) }],
    }),
  )
  expect((await resolve()).map(({ spec }) => spec)).toEqual([
    { timeoutSeconds: 45, env: [] },
    { timeoutSeconds: 45, env: ['A'] },
  ])
})

test('what the reader does not know of kustomize is refused by name', async () => {
  await write('overlays/own/kustomization.yaml', kustomization({ namePrefix: 'local-' }))
  await expect(resolve()).rejects.toThrow(/"overlays\/own\/kustomization.yaml" is not understood.*"namePrefix"/s)
  await withPatch({ spec: { timeoutSeconds: 45 } })
  await expect(resolve()).rejects.toThrow('no JSON patch of RFC 6902')
  await withPatch([{ op: 'move', path: '/spec/a', from: '/spec/b' }])
  await expect(resolve()).rejects.toThrow('no JSON patch of RFC 6902')
  await withPatch(setTimeoutTo45, { annotationSelector: 'a=b' })
  await expect(resolve()).rejects.toThrow('"annotationSelector"')
  await withPatch(setTimeoutTo45, { labelSelector: 'tier!=async' })
  await expect(resolve()).rejects.toThrow('expected "key=value"')
})

test('a patch without a target, and one whose path is not there, are refused', async () => {
  await withPatch(setTimeoutTo45, { name: 'nobody' })
  await expect(resolve()).rejects.toThrow('no resource is a target of the patch for {"name":"nobody"}')
  await withPatch([{ op: 'replace', path: '/spec/deadline', value: 45 }], { name: 'one' })
  await expect(resolve()).rejects.toThrow('a patch does not fit Service "one"')
})

const overlays = ['knative', 'eventing'].flatMap((part) =>
  ['four-node', 'nine-node', 'local', 'local-stages'].map((overlay) => `${part}/overlays/${overlay}`),
)

// The authority is kustomize. Where it is installed, the reader has to agree with it.
test.skipIf(!kubectl).each(overlays)('"%s" is to this reader what it is to kustomize', async (folder) => {
  const { stdout } = await run('kubectl', ['kustomize', join(root, folder)], { maxBuffer: 10_000_000 })
  const built = parseAllDocuments(stdout).map((document) => document.toJS() as Resource)
  const byIdentity = (resources: Resource[]) =>
    new Map(
      resources.map((resource) => [
        `${resource.kind} ${resource.metadata.namespace}/${resource.metadata.name}`,
        resource,
      ]),
    )
  const read = byIdentity(await resolveKustomization(root, folder))
  expect(read.size).toBeGreaterThan(5)
  expect(read).toEqual(byIdentity(built))
})
