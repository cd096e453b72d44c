import * as z from 'zod'
import {
  type CallService,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundService,
  parseAnswer,
} from '../../_lib/outbound/outbound-call.ts'
import { type Coordinates, type FoundPlace, isInKorea, type Question } from '../geocoding.ts'

/** The map service refuses our own key: no question can be answered until an operator corrects it. */
export class MapKeyRefusedError extends Error {
  override name = 'MapKeyRefusedError'
}

export type AskMap = (question: Question, signal: AbortSignal) => Promise<FoundPlace | undefined>

export const kakaoLocalService: OutboundService = {
  name: 'kakao-local',
  // 100 000 calls a day are free (https://developers.kakao.com/docs/latest/ko/getting-started/quota): 86 400 and the burst.
  limits: { callsPerSecond: 1, callsAtOnceMax: 50, probeSeconds: 15 },
  timeoutMs: 3_000,
  maxAttempts: 2,
  // An exhausted quota is answered with 400 and -10, or with 429, and is restored the next day.
  isThrottled: (answer) => answer.status === 400 && /"code"\s*:\s*-10\b/.test(answer.text),
  pauseSeconds: 600,
}

const named = z.object({ address_name: z.string().min(1) })
const addressesSchema = z.object({
  documents: z.array(z.object({ address: named.nullable(), road_address: named.nullable() })),
})
// Kakao sends coordinates as text, and x is the longitude.
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

/** Creates the client of Kakao Local. It resolves to undefined when Kakao knows no place, or none in Korea. */
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
          throw new MalformedAnswerError(`An answer has the unexpected status ${answer.status}`)
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
  // An address outside of Korea cannot be the one that was asked for.
  if (!isInKorea(at)) return undefined
  const lotAddress = first.address?.address_name ?? first.address_name
  return { ...at, lotAddress, roadAddress: first.road_address?.address_name ?? null }
}

function parse<T>(schema: z.ZodType<T>, answer: OutboundAnswer): T {
  const parsed = schema.safeParse(parseAnswer(answer))
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ')
  throw new MalformedAnswerError(`An answer of the map service differs from its documentation, at ${paths}`)
}
