import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { bundleImage, findImageNames, migrateName } from './bundle-image.ts'

let outDirectory: string

beforeEach(async () => {
  outDirectory = await mkdtemp(join(tmpdir(), 'growbin-image-'))
})
afterEach(() => rm(outDirectory, { recursive: true, force: true }))

async function filesOf(name: string): Promise<string[]> {
  const { folder } = await bundleImage(name, { repository: repositoryRoot, outDirectory })
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

it('puts nothing of the repository into a function but its bundle', async () => {
  const files = await filesOf('events-relay')
  expect(files).toEqual(expect.arrayContaining(['main.js', 'package.json']))
  expect(files.filter((path) => !/^(main|[\w.-]+-[A-Z0-9]{8})[.]js$/.test(path))).toEqual(['package.json'])
})

it('puts nothing of the repository into the migration but its bundle and the files that it applies', async () => {
  const files = await filesOf(migrateName)
  const others = files.filter(
    (path) => !/^functions\/[a-z]+\/migrations\/(\d{4}_\w+[.]sql|meta\/_journal[.]json)$/.test(path),
  )
  expect(others).toEqual(['migrate.mjs', 'package.json'])
  expect(files).toContain('functions/waste/migrations/0000_initial.sql')
})

it('has an image for each function and for the migration', async () => {
  expect(await findImageNames(repositoryRoot)).toEqual(expect.arrayContaining(['waste-presign', migrateName]))
})
