import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadEvents } from './event-uses.ts'
import { httpSpec, loaded, queueSpec, scheduledSpec } from './example-specs.ts'

const specs = loaded(httpSpec, queueSpec, scheduledSpec)
const importLine = `import { aiImageAnalyzeV1 } from '../../_contracts/ai-image-analyze.v1.ts'\n`
let repository: string

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(repository, path)), { recursive: true })
  await writeFile(join(repository, path), text)
}

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'events-'))
  const contract = (constant: string, type: string, queue: string) =>
    `export const ${constant} = { type: '${type}', queue: '${queue}', summary: '', schema: {}, example: {} }\n`
  const folder = 'functions/_contracts'
  await write(`${folder}/ai-image-analyze.v1.ts`, contract('aiImageAnalyzeV1', 'app.growbin.ai.image.analyze.v1', 'ai'))
  await write(`${folder}/sched-tick.v1.ts`, contract('schedTickV1', 'dev.knative.sources.ping', 'sched'))
  await write(`${folder}/colour.v1.ts`, `export const colours = ['red']\nexport const one = { type: 'x' }\n`)
})
afterEach(() => rm(repository, { recursive: true }))

test('a handler is a function that imports the contract and routes its events', async () => {
  await write('functions/waste/ai-analyze/handler.ts', `${importLine}onEvent(\n  aiImageAnalyzeV1, handle)\n`)
  await write('functions/waste/presign/presign.ts', `${importLine}console.log(aiImageAnalyzeV1.type)\n`)
  await write('functions/waste/presign/presign.test.ts', `${importLine}onEvent(aiImageAnalyzeV1, handle)\n`)
  await write('functions/waste/presign/handler.ts', 'onEvent(aiImageAnalyzeV1, handle)\n')
  const [image] = await loadEvents(repository, specs)
  expect(image).toMatchObject({ name: 'ai-image-analyze.v1', handlers: ['waste-ai-analyze'], producers: [] })
})

test('a producer is the function in whose name an event is made, wherever the file is', async () => {
  const producing = `${importLine}createEvent(aiImageAnalyzeV1, { source: '/growbin/waste-presign' }, {})\n`
  await write('functions/waste/tasks/redrive.pg.ts', producing)
  await write('functions/waste/presign/presign.ts', producing)
  await write('functions/waste/presign/presign.test.ts', producing.replace('waste-presign', 'test'))
  const [image, tick] = await loadEvents(repository, specs)
  expect(image).toMatchObject({ producers: ['waste-presign'], eventSources: ['/growbin/waste-presign'], handlers: [] })
  expect(tick?.producers).toEqual([])
})

test('what cron sources send comes from those of the queue', async () => {
  const [image, tick] = await loadEvents(repository, specs)
  expect(image?.cronSources).toEqual([])
  expect(tick).toMatchObject({
    cronSources: ['jobs-scheduled-cleanup-images'],
    eventSources: ['/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-images'],
  })
})

test('an event whose source cannot be read is refused, instead of missing in the catalogue', async () => {
  await write('functions/waste/presign/presign.ts', `${importLine}createEvent(aiImageAnalyzeV1, header, {})\n`)
  await expect(loadEvents(repository, specs)).rejects.toThrow('"functions/waste/presign/presign.ts" makes an event')
})
