import { expect, it } from 'vitest'
import type { CatalogueEntry } from '../../deployment/secrets/catalogue.ts'
import { compareWithCatalogue, findSecretReferences } from './secret-references.ts'

const entry = (name: string, rest: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  kind: 'Secret',
  name,
  namespaces: ['waste'],
  keys: { key: { given: 'a key' } },
  ...rest,
})
const documents = [
  {
    path: 'knative/base/waste-status.yaml',
    resource: {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'waste-status', namespace: 'waste' },
      spec: {
        env: [
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 'waste-key', key: 'key' } } },
          { name: 'PORT', valueFrom: { secretKeyRef: { name: 'unknown', key: 'key', optional: true } } },
        ],
      },
    },
  },
]
const references = findSecretReferences(documents)
const compare = (catalogue: CatalogueEntry[], readers: [string, string][] = []) =>
  compareWithCatalogue(references, catalogue, new Map(readers))

it('is content when each reference is made and each entry is read', () => {
  expect(compare([entry('waste-key')])).toEqual([])
})

it('names a reference that nothing makes, also in another namespace or under another key', () => {
  const problem =
    'knative/base/waste-status.yaml reads Secret "waste/waste-key" key "key", which scripts/deployment/secrets/catalogue.ts does not have'
  expect(compare([])).toEqual([problem])
  expect(compare([entry('waste-key', { kind: 'ConfigMap' })])).toContain(problem)
  expect(compare([entry('waste-key', { namespaces: ['auth'] })])).toContain(problem)
  expect(compare([entry('waste-key', { keys: { other: { given: 'a key' } } })])).toContain(problem)
})

it('names an entry that nothing reads', () => {
  expect(compare([entry('waste-key', { namespaces: ['waste', 'jobs'] })])).toEqual([
    'scripts/deployment/secrets/catalogue.ts has Secret "jobs/waste-key" key "key", which nothing reads',
  ])
})

it('names a file that does not read what it should, and understands names made by a template', () => {
  const login = entry('postgresql-waste-a', { readBy: ['a.yaml'] })
  expect(compare([entry('waste-key'), login], [['a.yaml', 'name: postgresql-{{ $login }}-{{ $slot }}']])).toEqual([])
  expect(compare([entry('waste-key'), login], [['a.yaml', 'name: {{ $name }}']])).toEqual([
    'scripts/deployment/secrets/catalogue.ts says that a.yaml reads "postgresql-waste-a", and the file does not name it',
  ])
})
