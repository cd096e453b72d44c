import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { ContentFilterFinishReasonError, LengthFinishReasonError } from 'openai/core/error'
import { zodTextFormat } from 'openai/helpers/zod'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import photos from '../../../photos/photos.json' with { type: 'json' }
import { type ModelSimulator, startModelSimulator } from './model-simulator.ts'

const CATEGORIES =
  'PAPER_BOX PAPER PAPER_PACK PAPER_CUP GLASS CAN CAN_GAS SCRAP PET_CLEAR PLASTIC VINYL EPS CLOTHES BATTERY LAMP EWASTE FOOD GENERAL NONBURN BULKY HAZARD CONSTR'.split(
    ' ',
  )
const Seen = z.strictObject({
  is_waste: z.boolean(),
  item_name_ko: z.string(),
  item_name_en: z.string(),
  category: z.enum(CATEGORIES),
  confidence: z.number().min(0).max(1),
  conditions: z.array(z.enum(['label_attached', 'contents_left', 'contaminated', 'mixed_materials'])),
})
const photo = (file: string) => readFile(join(import.meta.dirname, '../../../photos', file))
const dataUrl = (bytes: Buffer, type = 'jpeg') => `data:image/${type};base64,${bytes.toString('base64')}`

let simulator: ModelSimulator
let client: OpenAI
beforeEach(async () => {
  simulator = await startModelSimulator({ apiKey: 'key-for-tests' })
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'key-for-tests', maxRetries: 0 })
})
afterEach(() => simulator.close())

const sendPhoto = (imageUrl: string, options: { maxTokens?: number; timeout?: number } = {}) =>
  client.responses.parse(
    {
      model: 'gpt-4o',
      instructions: 'Name what is on the photo.',
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: imageUrl, detail: 'low' }] }],
      text: { format: zodTextFormat(Seen, 'waste') },
      max_output_tokens: options.maxTokens ?? 400,
    },
    options.timeout ? { timeout: options.timeout } : {},
  )
const sendText = (text: string) => client.responses.create({ model: 'gpt-4o', input: text })
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('The call did not fail.'),
    (error) => error,
  )

describe('seeing', () => {
  it.each(photos)('identifies $file unchanged, resized, recompressed and with its border cut', async (label) => {
    const whole = await photo(label.file)
    const versions = [
      whole,
      await sharp(whole).resize(768, 576).jpeg({ quality: 60 }).toBuffer(),
      await sharp(whole).resize(512, 512, { fit: 'fill' }).webp({ quality: 50 }).toBuffer(),
      await sharp(whole)
        .extract({ left: 32, top: 24, width: 1536, height: 1152 })
        .modulate({ brightness: 1.15 })
        .jpeg({ quality: 70 })
        .toBuffer(),
    ]
    for (const bytes of versions) {
      const { output_parsed: seen } = await sendPhoto(dataUrl(bytes))
      const { file: _, ...expected } = label
      expect(seen).toEqual({ ...expected, confidence: seen?.confidence })
      expect(seen?.confidence).toBeGreaterThan(0.95)
    }
  })

  it.each([
    ['#1060d0', 'PLASTIC'],
    ['#208030', 'GLASS'],
    ['#b08040', 'PAPER_BOX'],
    ['#f8f8f8', 'EPS'],
    ['#101010', 'GENERAL'],
  ])(
    'guesses an unknown picture of colour %s as %s, with low confidence and always the same',
    async (background, category) => {
      const bytes = await sharp({ create: { width: 300, height: 200, channels: 3, background } })
        .png()
        .toBuffer()
      const [first, second] = [await sendPhoto(dataUrl(bytes, 'png')), await sendPhoto(dataUrl(bytes, 'png'))]
      expect(first.output_parsed).toMatchObject({ category, is_waste: true })
      expect(first.output_parsed?.confidence).toBeLessThan(0.6)
      expect(second.output_text).toBe(first.output_text)
    },
  )

  it.each([
    ['bytes that are no picture', dataUrl(Buffer.from('not a picture')), 'invalid_image'],
    ['no bytes', 'data:image/jpeg;base64,', 'empty_image_file'],
    [
      'a picture in a format that the API does not accept',
      dataUrl(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
      'invalid_image_format',
    ],
    ['a URL that is not data', 'https://example.com/photo.jpg', 'invalid_image_url'],
  ])('refuses %s', async (_, url, code) => {
    const error = await failure(sendPhoto(url))
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, code, type: 'invalid_request_error' })
  })

  it('refuses a truncated photo', async () => {
    const bytes = await photo('battery.jpg')
    expect(await failure(sendPhoto(dataUrl(bytes.subarray(0, bytes.length / 2))))).toMatchObject({
      code: 'invalid_image',
    })
  })

  it('reports whether a picture arrived with EXIF', async () => {
    const whole = await photo('pet-bottle.jpg')
    await sendPhoto(dataUrl(whole))
    await sendPhoto(dataUrl(await sharp(whole).jpeg().toBuffer()))
    const { recent, imagesWithExif } = simulator.control.calls()
    expect(recent.map(({ images }) => images.map(({ hasExif }) => hasExif))).toEqual([[true], [false]])
    expect(imagesWithExif).toBe(1)
  })
})

describe('answers', () => {
  it('are marked as simulated, in header and model name', async () => {
    const { response, data } = await client.responses.create({ model: 'gpt-4o', input: '페트병?' }).withResponse()
    expect(response.headers.get('x-simulated')).toBe('growbin')
    expect(data.model).toBe('gpt-4o-simulated-by-growbin')
    expect(data.output_text).toContain('[시뮬레이션]')
    for (const name of [
      'x-request-id',
      'openai-processing-ms',
      'x-ratelimit-limit-requests',
      'x-ratelimit-remaining-tokens',
    ]) {
      expect(response.headers.get(name), name).toBeTruthy()
    }
    const root = await fetch(new URL('/', simulator.url))
    expect(await root.json()).toMatchObject({ simulated: true })
    const { data: models } = await client.models.list()
    expect(models.every(({ id }) => id.includes('simulated'))).toBe(true)
  })

  it('fill any strict schema, nested, bounded and recursive', async () => {
    const Node: z.ZodType = z.strictObject({
      name: z.string(),
      get children() {
        return z.array(Node)
      },
    })
    const Wide = z.strictObject({
      category: z.enum(['other', 'thing']),
      confidence: z.int().min(5).max(9),
      item_name_ko: z.string().max(3).nullable(),
      ratio: z.number().gt(0).lt(1),
      note: z.string().min(30),
      tags: z.array(z.enum(['a', 'b'])).min(2),
      when: z.iso.datetime(),
      tree: Node,
      either: z.union([z.strictObject({ kind: z.literal('x') }), z.null()]),
    })
    const url = dataUrl(await photo('battery.jpg'))
    const { output_parsed } = await client.responses.parse({
      model: 'gpt-4o',
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: url, detail: 'auto' }] }],
      text: { format: zodTextFormat(Wide, 'wide') },
    })
    expect(Wide.safeParse(output_parsed)).toMatchObject({ success: true })
    expect(output_parsed?.item_name_ko).toBe('건전지')
  })

  it('refuse a schema that is not strict', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: [], additionalProperties: false }
    const call = client.responses.create({
      model: 'gpt-4o',
      input: 'x',
      text: { format: { type: 'json_schema', name: 'n', schema, strict: true } },
    })
    expect(await failure(call)).toMatchObject({ status: 400, code: 'invalid_json_schema' })
  })

  it('stop at the output limit', async () => {
    const response = await sendPhoto(dataUrl(await photo('battery.jpg')), { maxTokens: 16 })
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_parsed: null,
    })
    expect(response.usage?.output_tokens).toBeLessThanOrEqual(16)
  })

  it('charge pictures as the real models do', async () => {
    const url = dataUrl(
      await sharp({ create: { width: 1024, height: 1024, channels: 3, background: '#888' } })
        .jpeg()
        .toBuffer(),
    )
    const tokens = async (model: string, detail: 'low' | 'high') => {
      const input = [{ role: 'user' as const, content: [{ type: 'input_image' as const, image_url: url, detail }] }]
      return (await client.responses.create({ model, input })).usage?.input_tokens ?? 0
    }
    const message = 4
    expect(await tokens('gpt-4o', 'low')).toBe(85 + message)
    expect(await tokens('gpt-4o', 'high')).toBe(765 + message)
    expect(await tokens('gpt-4o-mini', 'high')).toBe(25_501 + message)
    expect(await tokens('gpt-6-luna', 'low')).toBe(1229 + message)
  })

  it('stream chat completions and responses piece by piece', async () => {
    const messages = [{ role: 'user' as const, content: '건전지는 어디에 버려요?' }]
    const whole = (await client.chat.completions.create({ model: 'gpt-4o', messages })).choices[0]?.message.content
    expect(whole).toContain('전용 수거함')
    const chat = await client.chat.completions.create({
      model: 'gpt-4o',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const deltas: string[] = []
    let tokens = 0
    for await (const chunk of chat) {
      deltas.push(chunk.choices[0]?.delta.content ?? '')
      tokens = chunk.usage?.total_tokens ?? tokens
    }
    expect(deltas.length).toBeGreaterThan(4)
    expect(deltas.join('')).toBe(whole)
    expect(tokens).toBeGreaterThan(0)
    const final = await client.responses.stream({ model: 'gpt-4o', input: '건전지는 어디에 버려요?' }).finalResponse()
    expect(final).toMatchObject({ status: 'completed', output_text: whole })
  })

  it('serve structured chat completions', async () => {
    const { choices } = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: dataUrl(await photo('snack-bag.jpg')) } }] },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'waste', strict: true, schema: z.toJSONSchema(Seen) },
      },
    })
    expect(Seen.parse(JSON.parse(choices[0]?.message.content ?? ''))).toMatchObject({ category: 'VINYL' })
  })
})

describe('reasoning', () => {
  const look = async (model: string, effort: OpenAI.ReasoningEffort | undefined, max_output_tokens: number) => {
    const image_url = dataUrl(await photo('battery.jpg'))
    return client.responses.create({
      model,
      input: [{ role: 'user', content: [{ type: 'input_image', image_url, detail: 'low' }] }],
      ...(effort && { reasoning: { effort } }),
      max_output_tokens,
    })
  }

  it.each([500, 1000])('of a model without a lower effort uses up %d tokens before it answers', async (room) => {
    const response = await look('gpt-5-mini', undefined, room)
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [],
      usage: { output_tokens: room, output_tokens_details: { reasoning_tokens: room } },
    })
    expect(simulator.control.calls()).toMatchObject({ outputTokens: room, reasoningTokens: room })
  })

  it.each([
    ['gpt-5-mini', undefined],
    ['gpt-5-mini', 'minimal'],
    ['gpt-6-luna', undefined],
    ['gpt-6-astra', 'low'],
    ['o4-mini', 'low'],
  ] as const)('of %s at effort %s leaves tokens of 4000, and is part of the output', async (model, effort) => {
    const { status, usage, reasoning } = await look(model, effort, 4000)
    expect([status, reasoning?.effort]).toEqual(['completed', effort ?? null])
    const reasoned = usage?.output_tokens_details.reasoning_tokens ?? 0
    expect(reasoned).toBeGreaterThan(0)
    expect(usage?.output_tokens).toBeGreaterThan(reasoned)
  })

  it.each([
    ['gpt-4o-mini', undefined],
    ['gpt-5.1', undefined],
    ['gpt-5.4-mini', 'none'],
    ['gpt-6-luna', 'none'],
  ] as const)('does not take place in %s at effort %s', async (model, effort) => {
    const { usage } = await look(model, effort, 400)
    expect(usage?.output_tokens_details.reasoning_tokens).toBe(0)
  })

  it.each([
    [
      'gpt-5.1',
      'minimal',
      'unsupported_value',
      "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. Supported values are: 'none', 'low', 'medium', and 'high'.",
    ],
    [
      'gpt-6-luna',
      'minimal',
      'unsupported_value',
      "Unsupported value: 'minimal' is not supported with the 'gpt-6-luna' model. Supported values are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'.",
    ],
    [
      'gpt-5-mini',
      'none',
      'unsupported_value',
      "Unsupported value: 'none' is not supported with the 'gpt-5-mini' model. Supported values are: 'minimal', 'low', 'medium', and 'high'.",
    ],
    [
      'gpt-4o-mini',
      'none',
      'unsupported_parameter',
      "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
    ],
  ] as const)('of %s is refused at effort %s', async (model, effort, code, message) => {
    const error = await failure(look(model, effort, 4000))
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error.error).toEqual({ message, type: 'invalid_request_error', param: 'reasoning.effort', code })
    expect(simulator.control.calls()).toMatchObject({ outputTokens: 0, byStatus: { 400: 1 } })
  })

  it('is counted and refused in chat completions, too', async () => {
    const messages = [{ role: 'user' as const, content: '캔' }]
    const { usage } = await client.chat.completions.create({ model: 'gpt-5-mini', messages })
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(500)
    const refused = client.chat.completions.create({ model: 'gpt-5-mini', messages, reasoning_effort: 'none' })
    expect(await failure(refused)).toMatchObject({ code: 'unsupported_value', param: 'reasoning_effort' })
  })
})

describe('faults', () => {
  it.each([
    ['rate_limited', OpenAI.RateLimitError, { status: 429, code: 'rate_limit_exceeded' }, null],
    ['rate_limited_with_retry_after', OpenAI.RateLimitError, { status: 429, code: 'rate_limit_exceeded' }, '7'],
    ['insufficient_quota', OpenAI.RateLimitError, { status: 429, code: 'insufficient_quota' }, null],
    ['invalid_api_key', OpenAI.AuthenticationError, { status: 401, code: 'invalid_api_key' }, null],
    ['permission_denied', OpenAI.PermissionDeniedError, { status: 403 }, null],
    ['model_not_found', OpenAI.NotFoundError, { status: 404, code: 'model_not_found' }, null],
    ['server_error', OpenAI.InternalServerError, { status: 500 }, null],
    ['overloaded', OpenAI.InternalServerError, { status: 503 }, null],
  ] as const)(
    '%s surfaces as the SDK error, once, and the next call succeeds',
    async (fault, type, fields, retryAfter) => {
      simulator.control.set({ queue: [fault], retryAfterSeconds: 7 })
      const error = await failure(sendText('캔'))
      expect(error).toBeInstanceOf(type)
      expect(error).toMatchObject(fields)
      expect(error.headers.get('retry-after')).toBe(retryAfter)
      expect((await sendText('캔')).output_text).toContain('캔')
    },
  )

  it('hang surfaces as a timeout and frees the call', async () => {
    simulator.control.set({ queue: ['hang'] })
    const error = await failure(sendPhoto('data:image/jpeg;base64,AA==', { timeout: 50 }))
    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
    await expect.poll(() => simulator.control.calls().inFlight).toBe(0)
    expect(simulator.control.calls().byStatus).toEqual({ none: 1 })
  })

  it('reset breaks the connection in the middle of the body', async () => {
    simulator.control.set({ queue: ['reset', 'reset'] })
    const error = await failure(sendText('캔'))
    // openai 7.55 wraps only failures before the headers, so a broken body is fetch's own TypeError.
    expect(error).not.toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ name: 'TypeError', message: 'terminated', cause: { code: 'ECONNRESET' } })
    const response = await fetch(`${simulator.url}/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer key-for-tests' },
      body: JSON.stringify({ model: 'gpt-4o', input: '캔' }),
    })
    expect(response.status).toBe(200)
    expect(await failure(response.text())).toMatchObject({ message: 'terminated' })
  })

  it('truncated JSON is an incomplete response', async () => {
    simulator.control.set({ queue: ['truncated_json'] })
    const response = await sendPhoto(dataUrl(await photo('battery.jpg')))
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_parsed: null,
    })
    expect(() => JSON.parse(response.output_text)).toThrow(SyntaxError)
  })

  it('schema-breaking JSON fails in the parser of the SDK', async () => {
    simulator.control.set({ queue: ['schema_breaking'] })
    expect(await failure(sendPhoto(dataUrl(await photo('battery.jpg'))))).toBeInstanceOf(z.ZodError)
  })

  it('refusal is a refusal part', async () => {
    simulator.control.set({ queue: ['refusal'] })
    const response = await sendPhoto(dataUrl(await photo('battery.jpg')))
    expect(response.output).toMatchObject([
      { type: 'message', content: [{ type: 'refusal', refusal: expect.stringContaining('cannot') }] },
    ])
    expect(response.output_parsed).toBeNull()
  })

  it('content filter is an incomplete response', async () => {
    simulator.control.set({ queue: ['content_filter'] })
    expect(await sendPhoto(dataUrl(await photo('battery.jpg')))).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
    })
  })

  it('content filter and length end a parsed chat completion with the errors of the SDK', async () => {
    const body = {
      model: 'gpt-4o',
      messages: [{ role: 'user' as const, content: '캔' }],
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'waste', strict: true, schema: z.toJSONSchema(Seen) },
      },
    }
    simulator.control.set({ queue: ['content_filter', 'truncated_json'] })
    expect(await failure(client.chat.completions.parse(body))).toBeInstanceOf(ContentFilterFinishReasonError)
    expect(await failure(client.chat.completions.parse(body))).toBeInstanceOf(LengthFinishReasonError)
  })

  it('empty output is a completed response with nothing in it', async () => {
    simulator.control.set({ queue: ['empty_output'] })
    expect(await sendPhoto(dataUrl(await photo('battery.jpg')))).toMatchObject({
      status: 'completed',
      output: [],
      output_text: '',
    })
  })

  it('occur at the configured rate', async () => {
    const draws = [0.05, 0.25, 0.95]
    const seeded = await startModelSimulator({ apiKey: 'k', random: () => draws[0] ?? 0 })
    seeded.control.set({ rates: { overloaded: 0.1, server_error: 0.2 } })
    const statuses: (number | undefined)[] = []
    for (; draws.length > 0; draws.shift()) {
      const response = await fetch(`${seeded.url}/responses`, {
        method: 'POST',
        headers: { authorization: 'Bearer k' },
        body: '{"model":"m","input":"x"}',
      })
      statuses.push(response.status)
    }
    await seeded.close()
    expect(statuses.toSorted()).toEqual([200, 500, 503])
  })

  it('are set, shown and reset over HTTP by other processes', async () => {
    const control = new URL('/_control', simulator.url)
    const set = await fetch(control, {
      method: 'POST',
      body: JSON.stringify({ latency_ms: 1, queue: ['overloaded'], rates: { hang: 0 } }),
    })
    expect(await set.json()).toMatchObject({ latency_ms: 1, queue: ['overloaded'], calls: { total: 0 } })
    await failure(sendText('캔'))
    expect(await (await fetch(control)).json()).toMatchObject({
      queue: [],
      calls: { total: 1, by_outcome: { overloaded: 1 }, by_status: { 503: 1 } },
    })
    expect(await (await fetch(control, { method: 'DELETE' })).json()).toMatchObject({
      latency_ms: 0,
      calls: { total: 0 },
    })
    for (const wrong of ['{"queue":["nonsense"]}', '{"surprise":1}', '{"rates":{"hang":0.6,"reset":0.6}}', 'no json']) {
      expect((await fetch(control, { method: 'POST', body: wrong })).status, wrong).toBe(400)
    }
  })
})

describe('requests', () => {
  it('without the right key are refused as unauthenticated', async () => {
    const stranger = new OpenAI({ baseURL: simulator.url, apiKey: 'wrong', maxRetries: 0 })
    expect(await failure(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(simulator.control.calls().total).toBe(0)
  })

  it('to unknown addresses are answered with 404', async () => {
    expect(await failure(client.embeddings.create({ model: 'm', input: 'x' }))).toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('that are malformed are refused with the name of the parameter', async () => {
    const send = async (body: string) => {
      const response = await fetch(`${simulator.url}/responses`, {
        method: 'POST',
        headers: { authorization: 'Bearer key-for-tests' },
        body,
      })
      return { status: response.status, ...((await response.json()) as object) }
    }
    expect(await send('{"input":"x"}')).toMatchObject({
      status: 400,
      error: { param: 'model', code: 'missing_required_parameter' },
    })
    expect(await send('{')).toMatchObject({ status: 400, error: { type: 'invalid_request_error', param: null } })
  })

  it('are answered by the hundreds at once', async () => {
    const url = dataUrl(
      await sharp(await photo('pet-bottle.jpg'))
        .resize(768)
        .jpeg()
        .toBuffer(),
    )
    const answers = await Promise.all(Array.from({ length: 300 }, () => sendPhoto(url)))
    expect(new Set(answers.map(({ output_parsed }) => output_parsed?.category))).toEqual(new Set(['PET_CLEAR']))
    expect(simulator.control.calls()).toMatchObject({ total: 300, inFlight: 0, byStatus: { 200: 300 } })
  })
})
