import * as z from 'zod'
import {
  type CallService,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundService,
  parseAnswer,
} from '../../_lib/outbound/outbound-call.ts'
import { type Coordinates, type FoundPlace, isInKorea, type Question } from '../geocoding.ts'

/** Our own key is wrong: no question can be answered until somebody here has mended it. */
export class MapKeyRefusedError extends Error {
  override name = 'MapKeyRefusedError'
}

export type AskMap = (question: Question, signal: AbortSignal) => Promise<FoundPlace | undefined>

export const kakaoLocalService: OutboundService = {
  name: 'kakao-local',
  // 100 000 calls a day are free (https://developers.kakao.com/docs/latest/ko/getting-started/quota): 86 400 and what is at once.
  limits: { callsPerSecond: 1, callsAtOnceMax: 50, probeSeconds: 15 },
  timeoutMs: 3_000,
  triesMax: 2,
  // A quota that is used up comes with 400 and -10, or with 429, and is there again the next day.
  isThrottled: (answer) => answer.status === 400 && /"code"\s*:\s*-10\b/.test(answer.text),
  pauseSeconds: 600,
}

const named = z.object({ address_name: z.string().min(1) })
const addressesSchema = z.object({
  documents: z.array(z.object({ address: named.nullable(), road_address: named.nullable() })),
})
// Coordinates are text, and x is the longitude.
const degrees = z
  .string()
  .regex(/^-?\d{1,3}(?:\.\d+)?$/)
  .transform(Number)
const coordinatesSchema = z.object({
  documents: z.array(
    z.object({
      x: degrees,
      y: degrees,
      address_name: z.string().min(1),
      address: named.nullable(),
      road_address: named.nullable(),
    }),
  ),
})

/** Asks Kakao Local; undefined when it knows nothing, or nothing in Korea. */
export function createMap(callService: CallService, access: { url: string; restApiKey: string }): AskMap {
  const headers = { authorization: `KakaoAK ${access.restApiKey}` }
  return (question, signal) => {
    const { path, parameters, read } = requestOf(question)
    const url = new URL(path, access.url)
    url.search = new URLSearchParams(parameters).toString()
    return callService(
      kakaoLocalService,
      { url, method: 'GET', headers },
      (answer) => {
        if (answer.status === 401 || answer.status === 403) {
          throw new MapKeyRefusedError(`"${kakaoLocalService.name}" refused our own key with ${answer.status}`)
        }
        if (answer.status !== 200)
          throw new MalformedAnswerError(`An answer has the unforeseen status ${answer.status}`)
        return read(answer)
      },
      signal,
    )
  }
}

function requestOf(question: Question): {
  path: string
  parameters: Record<string, string>
  read: (answer: OutboundAnswer) => FoundPlace | undefined
} {
  if (question.kind === 'address') {
    const { at } = question
    return {
      path: '/v2/local/geo/coord2address.json',
      parameters: { x: String(at.lng), y: String(at.lat), input_coord: 'WGS84' },
      read: (answer) => readAddress(answer, at),
    }
  }
  return {
    path: '/v2/local/search/address.json',
    parameters: { query: question.address, analyze_type: 'similar', size: '1' },
    read: readCoordinates,
  }
}

function readAddress(answer: OutboundAnswer, at: Coordinates): FoundPlace | undefined {
  const [first] = parse(addressesSchema, answer).documents
  const lotAddress = first?.address?.address_name ?? first?.road_address?.address_name
  if (!first || lotAddress === undefined) return undefined
  return { ...at, lotAddress, roadAddress: first.road_address?.address_name ?? null }
}

function readCoordinates(answer: OutboundAnswer): FoundPlace | undefined {
  const [first] = parse(coordinatesSchema, answer).documents
  if (!first) return undefined
  const at = { lat: first.y, lng: first.x }
  // An address that is not in Korea is none that was meant here.
  if (!isInKorea(at)) return undefined
  const lotAddress = first.address?.address_name ?? first.address_name
  return { ...at, lotAddress, roadAddress: first.road_address?.address_name ?? null }
}

function parse<T>(schema: z.ZodType<T>, answer: OutboundAnswer): T {
  const parsed = schema.safeParse(parseAnswer(answer))
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ')
  throw new MalformedAnswerError(`An answer of the map service is not what its documents say, at ${paths}`)
}
