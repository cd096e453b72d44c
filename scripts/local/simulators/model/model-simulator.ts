import type { ServerResponse } from 'node:http'
import { pause, untilAborted } from '../../../lib/pause.ts'
import { type Exchange, sendJson, startHttpServer } from '../http-server.ts'
import { createAnswerer } from './answer/answer-request.ts'
import { type CallRecord, createCallLog } from './call-log.ts'
import { handleControl, type ModelControl } from './control-endpoint.ts'
import { createModelFaults, type ModelOutcome } from './faults.ts'
import { sendParts } from './send-parts.ts'
import { chatParts } from './wire/chat-format.ts'
import { parseChatRequest, parseResponsesRequest } from './wire/model-request.ts'
import { faultError, invalidApiKey, OpenAiError } from './wire/openai-errors.ts'
import { type AnswerIdentity, responseParts } from './wire/responses-format.ts'

export type { ModelCalls } from './call-log.ts'
export type { ModelControl } from './control-endpoint.ts'
export type { ModelFault, ModelFaultSettings, ModelOutcome } from './faults.ts'

const SIMULATED_SUFFIX = '-simulated-by-growbin'
const MODELS = ['gpt-6-luna', 'gpt-6.1-terra', 'gpt-5.4-mini', 'gpt-5-mini', 'gpt-4o-mini'].map(
  (name) => `${name}${SIMULATED_SUFFIX}`,
)
const REQUESTS_PER_MINUTE = 10_000
const TOKENS_PER_MINUTE = 2_000_000
const EXPLANATION =
  'This is a simulated model service with the OpenAI API under /v1. It compares pictures with the labelled sample ' +
  'photos of this repository; no model runs here. Faults: GET, POST and DELETE /_control.'

export type ModelSimulatorOptions = {
  host?: string
  /** 0 takes any free port. */
  port?: number
  /** The only accepted bearer token. */
  apiKey: string
  latencyMs?: number
  now?: () => Date
  /** Numbers in [0, 1), for identifiers and fault rates. */
  random?: () => number
}

export type ModelSimulator = { url: string; control: ModelControl; close: () => Promise<void> }

/** Starts an OpenAI-compatible server that marks its answers as simulated. `url` is the base URL, ending in `/v1`. */
export async function startModelSimulator(options: ModelSimulatorOptions): Promise<ModelSimulator> {
  const { host = '127.0.0.1', port = 0, apiKey, latencyMs = 0, now = () => new Date(), random = Math.random } = options
  const faults = createModelFaults({ latencyMs, random })
  const log = createCallLog()
  const answer = createAnswerer()
  const control: ModelControl = {
    set: faults.set,
    reset: () => {
      faults.reset()
      log.reset()
    },
    calls: log.calls,
  }

  async function handle(exchange: Exchange): Promise<void> {
    const { request, response, method, url } = exchange
    const startedAtMs = now().getTime()
    const requestId = `req_${randomHex(random, 32)}`
    response.setHeader('x-request-id', requestId)
    const place = `${method} ${url.pathname}`
    if (place === 'GET /')
      return sendJson(response, 200, { simulated: true, explanation: EXPLANATION, base_url: '/v1' })
    if (url.pathname === '/_control') return handleControl(exchange, control, faults.settings)
    try {
      if (request.headers.authorization !== `Bearer ${apiKey}`) throw invalidApiKey()
      if (place === 'GET /v1/models') return sendJson(response, 200, modelList())
      if (place !== 'POST /v1/responses' && place !== 'POST /v1/chat/completions') {
        throw new OpenAiError(404, 'invalid_request_error', 'unknown_url', `Simulated: unknown request URL "${place}".`)
      }
      const outcome = faults.next()
      const { record, end } = log.begin({ requestId, path: url.pathname, at: now().toISOString(), outcome })
      try {
        await call(exchange, outcome, record, startedAtMs)
      } finally {
        record.status = response.writableFinished || response.writableEnded ? response.statusCode : null
        end()
      }
    } catch (error) {
      if (!(error instanceof OpenAiError)) throw error
      sendJson(response, error.status, error.body(), error.headers)
    }
  }

  async function call(exchange: Exchange, outcome: ModelOutcome, record: CallRecord, startedAtMs: number) {
    const { response, url, body, signal } = exchange
    setRateLimitHeaders(response, log.inFlight())
    const { latencyMs: waitMs, chunkDelayMs, retryAfterSeconds } = faults.settings()
    if (outcome === 'hang') return await untilAborted(signal)
    await pause(waitMs, signal)
    if (signal.aborted) return
    try {
      const error = outcome === 'ok' ? undefined : faultError(outcome, retryAfterSeconds)
      if (error) throw error
      const chat = url.pathname.endsWith('/completions')
      const parsed = (chat ? parseChatRequest : parseResponsesRequest)(body.toString())
      record.model = parsed.model
      const answered = await answer(parsed, outcome)
      log.see(record, answered.images, answered.usage)
      const identity: AnswerIdentity = {
        id: randomHex(random, 32),
        createdAtSeconds: Math.floor(now().getTime() / 1000),
        model: parsed.model.endsWith(SIMULATED_SUFFIX) ? parsed.model : `${parsed.model}${SIMULATED_SUFFIX}`,
      }
      const headers = { 'openai-processing-ms': String(now().getTime() - startedAtMs), 'openai-version': '2020-10-01' }
      response.setHeaders(new Map(Object.entries(headers)))
      const parts = chat ? chatParts(identity, parsed, answered) : responseParts(identity, parsed, answered)
      await sendParts({
        response,
        parts,
        stream: parsed.stream,
        delayMs: chunkDelayMs,
        reset: outcome === 'reset',
        signal,
      })
    } catch (error) {
      if (!(error instanceof OpenAiError)) throw error
      sendJson(response, error.status, error.body(), error.headers)
    }
  }

  const server = await startHttpServer({ host, port, handle })
  return { url: `${server.origin}/v1`, control, close: server.close }
}

/** The limits look as at the start of a minute: calls are never refused for their number. */
function setRateLimitHeaders(response: ServerResponse, inFlight: number): void {
  response.setHeader('x-ratelimit-limit-requests', REQUESTS_PER_MINUTE)
  response.setHeader('x-ratelimit-remaining-requests', Math.max(0, REQUESTS_PER_MINUTE - inFlight))
  response.setHeader('x-ratelimit-reset-requests', '6ms')
  response.setHeader('x-ratelimit-limit-tokens', TOKENS_PER_MINUTE)
  response.setHeader('x-ratelimit-remaining-tokens', TOKENS_PER_MINUTE)
  response.setHeader('x-ratelimit-reset-tokens', '0s')
}

function modelList() {
  const describe = (id: string) => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'growbin-simulator' })
  return { object: 'list', data: MODELS.map(describe) }
}

function randomHex(random: () => number, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
}
