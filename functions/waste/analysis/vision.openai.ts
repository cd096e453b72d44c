import type OpenAI from 'openai'
import { type Classification, classificationJsonSchema, classificationSchema, instructions } from './classification.ts'
import type { ModelUsage } from './model-calls.pg.ts'

/** Everything a model call can end in. Failures of the model are values, since each has its own consequence. */
export type VisionOutcome =
  | { kind: 'answered'; classification: Classification; model: string; usage: ModelUsage | undefined }
  | { kind: 'refused' }
  | { kind: 'invalid_image' }
  | { kind: 'truncated' }
  | { kind: 'malformed' }
  | { kind: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** No credit, a wrong key: nothing that another try would mend. */
  | { kind: 'not_permitted' }
  | { kind: 'unavailable'; why: 'timeout' | 'network' | 'server_error' }

export type LookAtPhoto = (photo: {
  jpeg: Uint8Array
  outputTokensMax: number
  /** Stable word for the person, so that the provider can tell one misuser from another. */
  safetyIdentifier: string
  signal: AbortSignal
}) => Promise<VisionOutcome>

export type VisionOptions = { baseUrl: string; apiKey: string; model: string; timeoutMs: number }

/** One call of the Responses API. The SDK's own retries are off: a lost call is redriven with its job, and counted. */
export function createVision(options: VisionOptions): LookAtPhoto {
  let opening: Promise<{ sdk: typeof import('openai'); client: OpenAI }> | undefined
  const open = async () => {
    const sdk = await import('openai')
    const { baseUrl: baseURL, apiKey, timeoutMs: timeout } = options
    return { sdk, client: new sdk.OpenAI({ baseURL, apiKey, timeout, maxRetries: 0 }) }
  }

  return async (photo) => {
    opening ??= open()
    const { sdk, client } = await opening
    // The SDK's time-out ends with the headers; this one covers a body that never ends.
    const signal = AbortSignal.any([photo.signal, AbortSignal.timeout(options.timeoutMs)])
    try {
      const response = await client.responses.create(
        {
          model: options.model,
          instructions,
          input: [
            {
              role: 'user',
              content: [
                {
                  type: 'input_image',
                  detail: 'low',
                  image_url: `data:image/jpeg;base64,${Buffer.from(photo.jpeg).toString('base64')}`,
                },
              ],
            },
          ],
          text: {
            format: { type: 'json_schema', name: 'waste', strict: true, schema: { ...classificationJsonSchema } },
          },
          max_output_tokens: photo.outputTokensMax,
          store: false,
          safety_identifier: photo.safetyIdentifier,
        },
        { signal },
      )
      return readResponse(response)
    } catch (error) {
      if (photo.signal.aborted) throw photo.signal.reason
      return readError(sdk, error)
    }
  }
}

function readResponse(response: OpenAI.Responses.Response): VisionOutcome {
  if (response.status === 'incomplete') {
    return response.incomplete_details?.reason === 'content_filter' ? { kind: 'refused' } : { kind: 'truncated' }
  }
  if (response.status === 'failed') {
    return isImageCode(response.error?.code) ? { kind: 'invalid_image' } : { kind: 'unavailable', why: 'server_error' }
  }
  const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []))
  if (parts.some((part) => part.type === 'refusal')) return { kind: 'refused' }
  const parsed = classificationSchema.safeParse(parseJson(response.output_text))
  if (!parsed.success) return { kind: 'malformed' }
  const { usage } = response
  return {
    kind: 'answered',
    classification: parsed.data,
    model: response.model,
    usage: usage && { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens },
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
    if (error.status !== undefined && error.status < 500) return { kind: 'malformed' }
    return { kind: 'unavailable', why: 'server_error' }
  }
  // A body that is cut off or is no JSON surfaces as a plain error of the platform.
  return { kind: 'unavailable', why: 'network' }
}

const isImageCode = (code: string | null | undefined): boolean =>
  typeof code === 'string' && /image/.test(code) && code !== 'failed_to_download_image'
