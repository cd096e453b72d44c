import type OpenAI from 'openai'
import { createEffortChoice } from './choose-effort.ts'
import { type Classification, classificationJsonSchema, classificationSchema, instructions } from './classification.ts'
import type { ModelUsage } from './model-calls.pg.ts'
import { type Effort, findVisionModel, type VisionModel } from './vision-models.ts'

/** The outcomes of a model call. Failures of the model are values, since each has its own consequence. */
export type VisionOutcome =
  | { kind: 'answered'; classification: Classification; model: string; usage: ModelUsage | undefined }
  | { kind: 'refused'; usage?: ModelUsage | undefined }
  | { kind: 'invalid_image' }
  | { kind: 'truncated'; usage?: ModelUsage | undefined }
  | { kind: 'malformed'; usage?: ModelUsage | undefined }
  | { kind: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** No credit, a wrong key, a model that was shut down or refuses the request: every photo would fail alike. */
  | { kind: 'not_permitted' }
  | { kind: 'unavailable'; why: 'timeout' | 'network' | 'server_error' }

export type ClassifyPhoto = (photo: {
  jpeg: Uint8Array
  /** Counts the calls for the photo from 1: after a truncated answer the limit of tokens doubles. */
  callNo: number
  /** A stable pseudonym of the person, by which the provider detects misuse. */
  safetyIdentifier: string
  signal: AbortSignal
}) => Promise<VisionOutcome>

export type VisionOptions = { baseUrl: string; apiKey: string; model: string; timeoutMs: number }

/**
 * One call of the Responses API, and a second one when the first is refused for its reasoning effort, which costs nothing.
 * The retries of the SDK are off: a lost call is repeated with its job, and counted.
 */
export function createVision(options: VisionOptions): ClassifyPhoto {
  const model = findVisionModel(options.model)
  const effort = createEffortChoice(model.leastEffort)
  let opening: Promise<{ sdk: typeof import('openai'); client: OpenAI }> | undefined
  const open = async () => {
    const sdk = await import('openai')
    const { baseUrl: baseURL, apiKey, timeoutMs: timeout } = options
    return { sdk, client: new sdk.OpenAI({ baseURL, apiKey, timeout, maxRetries: 0 }) }
  }

  return async (photo) => {
    opening ??= open()
    const { sdk, client } = await opening
    // The time-out of the SDK ends with the headers; this one also covers the body.
    const signal = AbortSignal.any([photo.signal, AbortSignal.timeout(options.timeoutMs)])
    const ask = async (asked: Effort | undefined) => {
      const request = { ...requestOf(options.model, photo), max_output_tokens: model.outputTokensMax * photo.callNo }
      const response = await client.responses.create(
        // Reasoning costs tokens and is not needed to name one item.
        { ...request, ...(asked && { reasoning: { effort: asked } }) },
        { signal },
      )
      return readResponse(response, model)
    }

    const asked = effort.current()
    try {
      return await ask(asked).catch((error: unknown) => {
        if (error instanceof sdk.APIError && effort.fallBack(asked, error)) return ask(effort.current())
        throw error
      })
    } catch (error) {
      if (photo.signal.aborted) throw photo.signal.reason
      return readError(sdk, error)
    }
  }
}

function requestOf(model: string, photo: Parameters<ClassifyPhoto>[0]) {
  const image_url = `data:image/jpeg;base64,${Buffer.from(photo.jpeg).toString('base64')}`
  return {
    model,
    instructions,
    input: [{ role: 'user', content: [{ type: 'input_image', detail: 'low', image_url }] }],
    text: { format: { type: 'json_schema', name: 'waste', strict: true, schema: { ...classificationJsonSchema } } },
    store: false,
    safety_identifier: photo.safetyIdentifier,
  } satisfies OpenAI.Responses.ResponseCreateParamsNonStreaming
}

function readResponse(response: OpenAI.Responses.Response, model: VisionModel): VisionOutcome {
  const usage = response.usage && readUsage(response.usage, model)
  if (response.status === 'incomplete') {
    return { kind: response.incomplete_details?.reason === 'content_filter' ? 'refused' : 'truncated', usage }
  }
  if (response.status === 'failed') {
    return isImageCode(response.error?.code) ? { kind: 'invalid_image' } : { kind: 'unavailable', why: 'server_error' }
  }
  const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []))
  if (parts.some((part) => part.type === 'refusal')) return { kind: 'refused', usage }
  const parsed = classificationSchema.safeParse(parseJson(response.output_text))
  if (!parsed.success) return { kind: 'malformed', usage }
  return { kind: 'answered', classification: parsed.data, model: response.model, usage }
}

function readUsage(usage: OpenAI.Responses.ResponseUsage, { price }: VisionModel): ModelUsage {
  const { input_tokens: inputTokens, output_tokens: outputTokens } = usage
  // Compatible servers may omit the details.
  const { cached_tokens: cached = 0, cache_write_tokens: written = 0 } = usage.input_tokens_details ?? {}
  return {
    inputTokens,
    outputTokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    costUsd:
      price &&
      ((inputTokens - cached - written) * price.input +
        cached * price.cachedInput +
        written * price.cacheWrite +
        outputTokens * price.output) /
        1_000_000,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readError(sdk: typeof import('openai'), error: unknown): VisionOutcome {
  if (error instanceof sdk.APIConnectionTimeoutError) return { kind: 'unavailable', why: 'timeout' }
  if (error instanceof sdk.APIUserAbortError) return { kind: 'unavailable', why: 'timeout' }
  if (error instanceof sdk.APIConnectionError) return { kind: 'unavailable', why: 'network' }
  if (error instanceof sdk.RateLimitError) {
    if (error.code === 'insufficient_quota') return { kind: 'not_permitted' }
    const seconds = Number(error.headers?.get('retry-after') ?? Number.NaN)
    return { kind: 'rate_limited', retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined }
  }
  if (error instanceof sdk.AuthenticationError || error instanceof sdk.PermissionDeniedError)
    return { kind: 'not_permitted' }
  if (error instanceof sdk.APIError) {
    if (isImageCode(error.code)) return { kind: 'invalid_image' }
    // A model that is shut down (404), or a setting that it refuses: every photo would fail alike.
    if (error.status === 404 || /^unsupported_/.test(error.code ?? '')) return { kind: 'not_permitted' }
    if (error.status !== undefined && error.status < 500) return { kind: 'malformed' }
    return { kind: 'unavailable', why: 'server_error' }
  }
  // A truncated body, or one that is not JSON, is a plain error of the platform.
  return { kind: 'unavailable', why: 'network' }
}

const isImageCode = (code: string | null | undefined): boolean =>
  typeof code === 'string' && /image/.test(code) && code !== 'failed_to_download_image'
