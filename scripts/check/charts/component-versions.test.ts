import { expect, it } from 'vitest'
import { createVersionPatterns, findStatedVersions } from './component-versions.ts'

const patterns = createVersionPatterns({
  redis: { version: '8.2.3', source: 'docker.io/library/redis:{version}-alpine' },
  broker: {
    version: '1.22.1',
    source: 'https://example.org/releases/knative-v{version}/broker.yaml',
    one_machine: { version: '1.21.0', package: 'example.org/broker@v0.48.0' },
  },
  postgresql: { version: '18.4', source: 'example.org/postgresql:{version}' },
})
const find = (text: string, path = 'scripts/cluster/up.ts') => findStatedVersions(path, text, patterns)

it.each([
  ['a version of the list', "const version = '1.22.1'", 'broker'],
  ['one with a "v"', 'go install broker@v1.22.1', 'broker'],
  ['another version of an image', 'image: docker.io/library/redis:7.4.0', 'redis'],
  ['another version of a release', 'https://example.org/releases/knative-v1.23.0/broker.yaml', 'broker'],
  ['another version of a package', 'require example.org/broker@v0.49.0', 'broker'],
  ['an image with two numbers', 'image: example.org/postgresql:17.2', 'postgresql'],
])('finds %s', (_, text, component) => {
  expect(find(`first\n${text}\n`)).toEqual([
    `scripts/cluster/up.ts:2: states a version of "${component}"; charts/versions.json has it, read it by scripts/lib/component-versions.ts`,
  ])
})

it.each([
  ['part of a longer number', "const address = '11.22.1.4'"],
  ['a comment', '# As read in 1.22.1'],
  ['two numbers alone', 'limit: 18.4'],
  ['a package without a version', 'go install example.org/broker'],
])('lets %s stand', (_, text) => {
  expect(find(text)).toEqual([])
})

it('lets documents and what is generated from the list stand', () => {
  expect(find('Ran with 1.22.1', 'knative/README.md')).toEqual([])
  expect(find('# Generated from charts/versions.json by "npm run manifests"\nversion: 1.22.1')).toEqual([])
  expect(find('"1.22.1"', 'charts/versions.json')).toEqual([])
})
