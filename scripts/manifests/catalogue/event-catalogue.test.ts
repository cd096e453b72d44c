import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { imageEvent, tickEvent } from '../example-events.ts'
import {
  catalogueBegin,
  catalogueEnd,
  cataloguePath,
  compareCatalogue,
  renderCatalogue,
  writeCatalogue,
} from './event-catalogue.ts'

const before = '# Eventing\n\nBy hand.\n\n'
const after = '\n\n## Decisions\n'
let repository: string
const read = () => readFile(join(repository, cataloguePath), 'utf8')
const write = (text: string) => writeFile(join(repository, cataloguePath), text)

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'catalogue-'))
  await mkdir(join(repository, 'eventing'))
  await write(`${before}${catalogueBegin}\n\n${catalogueEnd}${after}`)
})
afterEach(() => rm(repository, { recursive: true }))

test('a row tells type, queue, meaning, data, and who sends and handles the event', () => {
  expect(renderCatalogue([imageEvent, tickEvent]).split('\n').slice(2)).toEqual([
    '| [`app.growbin.ai.image.analyze.v1`](../functions/_contracts/events/ai-image-analyze.v1.ts) | `ai` | A photo is there: analyse it. | `{"job_id":"0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d"}` | `waste-presign` | `waste-ai-analyze` |',
    '| [`dev.knative.sources.ping`](../functions/_contracts/events/sched-cleanup-tick.v1.ts) | `sched` | It is time for a clean-up. | `{"task":"cleanup.images"}` | cron source `jobs-scheduled-cleanup-images` | `jobs-scheduled-cleanup` |',
  ])
})

test('a bar in a text does not end its cell', () => {
  const contract = { ...imageEvent.contract, summary: 'One | two.' }
  expect(renderCatalogue([{ ...imageEvent, contract }])).toContain('| One \\| two. |')
})

test('what was written compares equal, leaves the rest as it was, and is not written again', async () => {
  expect(await writeCatalogue(repository, [imageEvent])).toBe(true)
  expect(await compareCatalogue(repository, [imageEvent])).toBeUndefined()
  expect(await writeCatalogue(repository, [imageEvent])).toBe(false)
  expect(await read()).toBe(`${before}${catalogueBegin}\n\n${renderCatalogue([imageEvent])}\n\n${catalogueEnd}${after}`)
})

test('an event that the table lacks, and a row changed by hand, are told with their lines', async () => {
  await writeCatalogue(repository, [imageEvent])
  expect(await compareCatalogue(repository, [imageEvent, tickEvent])).toMatch(
    /^eventing\/README\.md is different; run "npm run manifests"\n {2}\+ \d+: .*dev\.knative\.sources\.ping/,
  )
  await write((await read()).replace('A photo is there', 'A photo'))
  expect(await compareCatalogue(repository, [imageEvent])).toMatch(/ {2}- \d+: .*\| A photo: analyse it/)
})

test.each([
  ['no marker', before],
  ['no end', `${catalogueBegin}\n`],
  ['the place twice', `${catalogueBegin}\n${catalogueEnd}\n${catalogueBegin}\n${catalogueEnd}\n`],
])('a document with %s is refused and left as it is', async (_, text) => {
  await write(text)
  await expect(writeCatalogue(repository, [imageEvent])).rejects.toThrow('has no single place between')
  expect(await read()).toBe(text)
})
