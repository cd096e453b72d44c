import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ModelSimulator, startModelSimulator } from '../../../../scripts/local/simulators/model/model-simulator.ts'
import { createVision } from './vision.openai.ts'
import { defaultVisionModel, findVisionModel } from './vision-models.ts'

let simulator: ModelSimulator
let jpeg: Buffer
beforeAll(async () => {
  simulator = await startModelSimulator({ apiKey: 'key' })
  jpeg = await readFile(join(import.meta.dirname, '../../../../scripts/photos/battery.jpg'))
})
afterAll(() => simulator?.close())
beforeEach(() => simulator.control.reset())

const visionOf = (model: string) => {
  const look = createVision({ baseUrl: simulator.url, apiKey: 'key', model, timeoutMs: 10_000 })
  return (callNo = 1) => look({ jpeg, callNo, safetyIdentifier: 'a-pseudonym', signal: new AbortController().signal })
}
const statuses = () => simulator.control.calls().recent.map(({ status }) => status)

describe('a model', () => {
  it.each([defaultVisionModel, 'gpt-6.1-terra', 'gpt-6-astra', 'gpt-5.4-mini', 'gpt-5.1', 'gpt-5-mini', 'o3'])(
    '(%s) answers in one call, asked for the least reasoning that it knows',
    async (model) => {
      expect(await visionOf(model)()).toMatchObject({ kind: 'answered', classification: { category: 'BATTERY' } })
      expect(statuses()).toEqual([200])
      expect(simulator.control.calls().reasoningTokens).toBeLessThan(500)
    },
  )

  it.each(['gpt-4o-mini', 'gpt-4.1-mini'])('(%s) that does not reason gets no effort', async (model) => {
    expect(await visionOf(model)()).toMatchObject({ kind: 'answered', usage: { reasoningTokens: 0 } })
    expect(statuses()).toEqual([200])
  })

  it.each([
    ['o4-mini', 'does not know the least effort', 250],
    ['gpt-3.5-vision', 'does not know the field', 0],
  ])('(%s) that %s refuses it once in a process, however often it is asked', async (model, _, reasoningTokens) => {
    const look = visionOf(model)
    expect(await look()).toMatchObject({ kind: 'answered', usage: { reasoningTokens } })
    expect(await look()).toMatchObject({ kind: 'answered', usage: { reasoningTokens } })
    expect(statuses()).toEqual([400, 200, 200])
  })

  it('that refuses calls at once is asked again once for each of them', async () => {
    const look = visionOf('o4-mini')
    const outcomes = await Promise.all([look(), look(), look()])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'answered'])
    expect(statuses().toSorted()).toEqual([200, 200, 200, 400, 400, 400])
  })
})

it('asks the provider to keep nothing, for an answer by the schema, under a pseudonym', async () => {
  const bodies: string[] = []
  const provider = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk))
    request.once('end', () => response.writeHead(500).end())
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  try {
    const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
    const look = createVision({ baseUrl, apiKey: 'key', model: defaultVisionModel, timeoutMs: 10_000 })
    await look({ jpeg, callNo: 2, safetyIdentifier: 'a-pseudonym', signal: new AbortController().signal })
  } finally {
    provider.close()
  }
  expect(JSON.parse(bodies.join(''))).toMatchObject({
    store: false,
    safety_identifier: 'a-pseudonym',
    text: { format: { type: 'json_schema', strict: true } },
    max_output_tokens: 2 * findVisionModel(defaultVisionModel).outputTokensMax,
  })
})

describe('what a call used', () => {
  it('holds the reasoning, and is priced with it', async () => {
    const outcome = await visionOf('gpt-5-mini')()
    const { inputTokens = 0, outputTokens = 0, ...rest } = (outcome.kind === 'answered' && outcome.usage) || {}
    expect(rest).toEqual({
      reasoningTokens: 40,
      costUsd: expect.closeTo((inputTokens * 0.25 + outputTokens * 2) / 1e6, 12),
    })
    expect(outputTokens).toBeGreaterThan(40)
  })

  it('is known of an answer that was cut off', async () => {
    simulator.control.set({ queue: ['truncated_json'] })
    expect(await visionOf(defaultVisionModel)()).toMatchObject({
      kind: 'truncated',
      usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number), costUsd: expect.any(Number) },
    })
  })

  it('has no price for an unknown model', async () => {
    const outcome = await visionOf('somebody-elses')()
    expect(outcome).toMatchObject({ kind: 'answered', usage: { costUsd: undefined } })
  })
})

it('takes the longest name that fits for the family of a model', () => {
  const leastEfforts = ['gpt-5', 'gpt-5-mini-2025-08-07', 'gpt-5.4-mini-2026-03-17', 'gpt-5.2', 'gpt-4.1'].map(
    (name) => findVisionModel(name).leastEffort,
  )
  expect(leastEfforts).toEqual(['minimal', 'minimal', 'none', 'none', undefined])
})

it('asks by default a model whose end is not announced', () => {
  expect(findVisionModel(defaultVisionModel)).toMatchObject({ family: defaultVisionModel, price: expect.anything() })
  expect(findVisionModel(defaultVisionModel).shutDownOn).toBeUndefined()
})
