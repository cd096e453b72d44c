import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeBom } from './image-bom.ts'
import { readLockedPackages } from './package-inputs.ts'

let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'growbin-sbom-'))
  const packages = {
    '': { version: '1.0.0' },
    'node_modules/pg': { version: '8.0.0', license: 'MIT', integrity: 'sha512-q80=' },
    'node_modules/pg/node_modules/@deep/one': { version: '2.0.0', license: '(MIT OR CC0-1.0)' },
    'node_modules/@deep/one': { version: '1.0.0' },
  }
  await writeFile(join(repository, 'package-lock.json'), JSON.stringify({ packages }))
})
afterEach(() => rm(repository, { recursive: true, force: true }))

const inputs = [
  'functions/waste/presign/main.ts',
  'node_modules/pg/lib/index.js',
  'node_modules/pg/lib/query.js',
  'node_modules/pg/node_modules/@deep/one/main.js',
  'node_modules/@deep/one/main.js',
]

it('names each package that is in the bundle once, in the version of the lock file', async () => {
  expect(await readLockedPackages(repository, inputs)).toEqual([
    { name: '@deep/one', version: '1.0.0' },
    { name: '@deep/one', version: '2.0.0', license: '(MIT OR CC0-1.0)' },
    { name: 'pg', version: '8.0.0', license: 'MIT', sha512: 'abcd' },
  ])
})

it('refuses a file of a package that the lock file does not have', async () => {
  await expect(readLockedPackages(repository, ['node_modules/new/index.js'])).rejects.toThrow(
    '"node_modules/new" is in a bundle and not in package-lock.json',
  )
})

it('writes what the schema of CycloneDX 1.6 accepts, twice the same, with every package and Node.js', async () => {
  const packages = (await readLockedPackages(repository, inputs)).map((found) => ({
    ...found,
    sha512: 'ab'.repeat(64),
  }))
  const options = {
    ...{ name: 'waste-presign', digest: `sha256:${'0'.repeat(64)}`, nodeVersion: '24.21.0', packages },
    basePackages: [{ name: 'libstdc++6', version: '12~1', architecture: 'amd64', sha256: 'c'.repeat(64) }],
  }
  const text = writeBom(options)
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBe(null)
  expect(writeBom(options)).toBe(text)
  const { components } = JSON.parse(text) as { components: { purl: string }[] }
  expect(components.map(({ purl }) => purl).sort()).toEqual([
    'pkg:deb/debian/libstdc%2B%2B6@12~1?arch=amd64&distro=debian-12',
    'pkg:generic/node@24.21.0',
    'pkg:npm/%40deep/one@1.0.0',
    'pkg:npm/%40deep/one@2.0.0',
    'pkg:npm/pg@8.0.0',
  ])
})
