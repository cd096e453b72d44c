import * as z from 'zod'
import { pause } from '../../../lib/pause.ts'
import { CALL_FAULTS, sendCallFault } from '../call-faults.ts'
import { type Exchange, sendJson, startHttpServer } from '../http-server.ts'
import { addressOf, foundAddress, roadAddressOf } from './kakao-local.ts'
import { findNearest, searchPlaces } from './places.ts'

export type MapsSimulatorOptions = {
  /** Key of `KakaoAK` calls. */
  restApiKey: string
  host?: string
  /** 0 takes any free port. */
  port?: number
}

const settingsSchema = z.strictObject({
  /** Outcomes of the next calls, in order; `ok` lets a call through. */
  queue: z.array(z.enum(['ok', 'quota_exceeded', ...CALL_FAULTS])),
  /** Every call is answered with 503. */
  down: z.boolean(),
  latencyMs: z.number().min(0),
  retryAfterSeconds: z.number().positive(),
})

export type MapsSettings = z.infer<typeof settingsSchema>

export type MapsControl = {
  /** Replaces the named settings. */
  set: (changes: Partial<MapsSettings>) => void
  /** Restores the initial settings and counts. */
  reset: () => void
  /** Requests by path. */
  calls: () => Record<string, number>
}

export type MapsSimulator = { url: string; control: MapsControl; close: () => Promise<void> }

const coordinatesToAddress = '/v2/local/geo/coord2address.json'
const addressToCoordinates = '/v2/local/search/address.json'
const noFaults: MapsSettings = { queue: [], down: false, latencyMs: 0, retryAfterSeconds: 1 }

const kakaoError = (errorType: string, message: string) => ({ errorType, message })
const explanation =
  'This is a simulated Kakao Local API. It knows a handful of public places, and finds nothing elsewhere. ' +
  'Faults: GET, POST and DELETE /_control.'

/** Starts a simulated Kakao Local API: `coord2address` and `search/address`, with the key and the errors of the real one. */
export async function startMapsSimulator(options: MapsSimulatorOptions): Promise<MapsSimulator> {
  const { host = '127.0.0.1', port = 0, restApiKey } = options
  let settings = noFaults
  let calls: Record<string, number> = {}
  const control: MapsControl = {
    set: (changes) => {
      settings = { ...settings, ...settingsSchema.partial().parse(changes) }
    },
    reset: () => {
      settings = noFaults
      calls = {}
    },
    calls: () => ({ ...calls }),
  }
  const takeFault = () => {
    const [outcome, ...queue] = settings.queue
    settings = { ...settings, queue }
    return outcome === 'ok' ? undefined : outcome
  }

  async function handle(exchange: Exchange): Promise<void> {
    const { request, response, method, url, signal } = exchange
    if (url.pathname === '/') return sendJson(response, 200, { simulated: true, explanation })
    if (url.pathname === '/_control') return handleControl(exchange)
    const answer = answers[url.pathname]
    if (!answer) return sendJson(response, 404, kakaoError('NotFound', 'The path is unknown.'))
    calls[url.pathname] = (calls[url.pathname] ?? 0) + 1
    await pause(settings.latencyMs, signal)
    if (signal.aborted) return
    if (settings.down) return sendJson(response, 503, kakaoError('InternalError', 'simulated outage'))
    const fault = takeFault()
    if (fault === 'quota_exceeded') {
      return sendJson(response, 400, { code: -10, msg: 'API limit has been exceeded.' })
    }
    if (fault) {
      return await sendCallFault(exchange, fault, settings.retryAfterSeconds, (status) =>
        status === 429
          ? kakaoError('RequestThrottled', 'API limit has been exceeded.')
          : kakaoError(status === 401 ? 'AccessDeniedError' : 'InternalError', `simulated ${status}`),
      )
    }
    if (method !== 'GET') return sendJson(response, 405, kakaoError('MethodNotAllowed', 'Only GET is known.'))
    const { authorization } = request.headers
    if (!authorization?.startsWith('KakaoAK ')) {
      return sendJson(response, 401, kakaoError('AccessDeniedError', 'cannot find Authorization : KakaoAK header'))
    }
    if (authorization !== `KakaoAK ${restApiKey}`) {
      return sendJson(response, 401, kakaoError('AccessDeniedError', 'wrong appKey format'))
    }
    answer(exchange)
  }

  function handleControl({ response, method, body }: Exchange): void {
    try {
      if (method === 'DELETE') control.reset()
      if (method === 'POST') control.set(parseCommand(body.toString()))
      const { latencyMs, retryAfterSeconds, ...rest } = settings
      sendJson(response, 200, { ...rest, latency_ms: latencyMs, retry_after_seconds: retryAfterSeconds, calls })
    } catch (error) {
      sendJson(response, 400, { error: 'invalid_settings', error_description: String(error) })
    }
  }

  const server = await startHttpServer({ host, port, handle })
  return { url: server.origin, control, close: server.close }
}

const answers: Record<string, (exchange: Exchange) => void> = {
  [coordinatesToAddress]: ({ response, url }) => {
    const [lng, lat] = ['x', 'y'].map((name) => Number(url.searchParams.get(name) || Number.NaN))
    if (lng === undefined || lat === undefined || Number.isNaN(lng) || Number.isNaN(lat)) {
      return sendJson(response, 400, kakaoError('MissingParameter', 'x, y parameter required'))
    }
    if (Math.abs(lat) > 90 || Math.abs(lng) > 180) {
      return sendJson(response, 400, kakaoError('InvalidArgument', 'input coordinates is not valid'))
    }
    const place = findNearest(lat, lng)
    const documents = place ? [{ address: addressOf(place), road_address: roadAddressOf(place) }] : []
    sendJson(response, 200, { meta: { total_count: documents.length }, documents })
  },
  [addressToCoordinates]: ({ response, url }) => {
    const query = url.searchParams.get('query')
    if (!query?.trim()) return sendJson(response, 400, kakaoError('MissingParameter', 'query parameter required'))
    const found = searchPlaces(query)
    const sizeMax = Number(url.searchParams.get('size') ?? 10)
    sendJson(response, 200, {
      meta: { total_count: found.length, pageable_count: found.length, is_end: found.length <= sizeMax },
      documents: found.slice(0, sizeMax).map(foundAddress),
    })
  },
}

function parseCommand(json: string): Partial<MapsSettings> {
  const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(json))
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return settingsSchema
    .partial()
    .parse(Object.fromEntries(Object.entries(fields).map(([key, value]) => [camel(key), value])))
}
