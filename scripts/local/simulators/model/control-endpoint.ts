import { type Exchange, sendJson } from '../http-server.ts'
import type { ModelCalls } from './call-log.ts'
import { type ModelFaultSettings, parseFaultSettings } from './faults.ts'

export type ModelControl = {
  /** Replaces the named settings. */
  set: (settings: Partial<ModelFaultSettings>) => void
  /** Restores the initial settings and counts. */
  reset: () => void
  calls: () => ModelCalls
}

/** GET shows settings and counts, POST sets, DELETE resets: the control for other processes. */
export async function handleControl(
  { response, method, body }: Exchange,
  control: ModelControl,
  settings: () => ModelFaultSettings,
): Promise<void> {
  if (!['GET', 'POST', 'DELETE'].includes(method)) {
    sendJson(response, 405, { error: 'method_not_allowed' }, { allow: 'GET, POST, DELETE' })
    return
  }
  try {
    if (method === 'POST') control.set(parseFaultSettings(body.toString()))
    if (method === 'DELETE') control.reset()
    sendJson(response, 200, controlBody(settings(), control.calls()))
  } catch (error) {
    sendJson(response, 400, { error: 'invalid_settings', error_description: String(error) })
  }
}

function controlBody(settings: ModelFaultSettings, calls: ModelCalls) {
  return {
    latency_ms: settings.latencyMs,
    chunk_delay_ms: settings.chunkDelayMs,
    queue: settings.queue,
    rates: settings.rates,
    retry_after_seconds: settings.retryAfterSeconds,
    calls: {
      total: calls.total,
      in_flight: calls.inFlight,
      in_flight_max: calls.inFlightMax,
      by_path: calls.byPath,
      by_outcome: calls.byOutcome,
      by_status: calls.byStatus,
      images_with_exif: calls.imagesWithExif,
      input_tokens: calls.inputTokens,
      output_tokens: calls.outputTokens,
      reasoning_tokens: calls.reasoningTokens,
      recent: calls.recent.map(({ requestId, images, ...rest }) => ({
        request_id: requestId,
        ...rest,
        images: images.map(({ hasExif, ...image }) => ({ ...image, has_exif: hasExif })),
      })),
    },
  }
}
