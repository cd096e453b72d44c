import * as z from 'zod'
import {
  type CallService,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundService,
} from '../../../_lib/outbound/outbound-call.ts'
import {
  objectOf,
  ownKeyRefused,
  type ProviderApi,
  readDisplayName,
  readPictureUrl,
  unexpectedStatus,
} from './provider-api.ts'

export type KakaoAccess = { api_url: string; admin_key: string }

export const kakaoService: OutboundService = {
  name: 'kakao-login',
  limits: { callsPerSecond: 10, callsAtOnceMax: 20, probeSeconds: 15 },
  timeoutMs: 3_000,
  maxAttempts: 2,
  // -10: the quota is used up, which comes with 400 (https://developers.kakao.com/docs/en/rest-api/error-code).
  isThrottled: (answer) => answer.status === 400 && codeOf(answer) === -10,
  pauseSeconds: 30,
}

const notRegistered = -101

const profileSchema = z.object({
  nickname: z.unknown().optional(),
  profile_image_url: z.unknown().optional(),
  is_default_image: z.unknown().optional(),
})
const meSchema = z.object({
  // The parser of answers returns integers beyond 2^53 as text.
  id: z.union([z.string(), z.int()]).transform(String),
  properties: z.object({ nickname: z.unknown().optional() }).optional(),
  kakao_account: z.object({ profile: profileSchema.optional() }).optional(),
})

/** Creates the client of Kakao's server API. Its admin key acts for any linked person, so no tokens of people are stored. */
export function createKakaoApi(callService: CallService, access: KakaoAccess): ProviderApi {
  const headers = { authorization: `KakaoAK ${access.admin_key}` }
  const refusalOf = (answer: OutboundAnswer): { refused: 'not_linked' } => {
    if (answer.status === 401 || answer.status === 403) throw ownKeyRefused(kakaoService.name, answer.status)
    if (answer.status === 400 && codeOf(answer) === notRegistered) return { refused: 'not_linked' }
    throw unexpectedStatus(answer)
  }
  return {
    readProfile: ({ subject }, signal) => {
      const url = new URL('/v2/user/me', access.api_url)
      url.search = new URLSearchParams({ target_id_type: 'user_id', target_id: subject }).toString()
      const read = (answer: OutboundAnswer) => {
        if (answer.status !== 200) return refusalOf(answer)
        const me = meSchema.safeParse(objectOf(answer))
        if (!me.success) throw new MalformedAnswerError('A profile of Kakao differs from its documentation')
        if (me.data.id !== subject) throw new MalformedAnswerError('A profile of Kakao has another subject')
        const profile = me.data.kakao_account?.profile
        return {
          displayName: readDisplayName(profile?.nickname ?? me.data.properties?.nickname),
          pictureUrl: profile?.is_default_image === true ? undefined : readPictureUrl(profile?.profile_image_url),
        }
      }
      return callService(kakaoService, { url, method: 'GET', headers }, read, signal)
    },
    unlink: ({ subject }, signal) => {
      const url = new URL('/v1/user/unlink', access.api_url)
      const form = { target_id_type: 'user_id', target_id: subject }
      const read = (answer: OutboundAnswer) => {
        if (answer.status !== 200) refusalOf(answer)
        else if (String(objectOf(answer).id) !== subject) {
          throw new MalformedAnswerError('Kakao answered an unlink with another subject')
        }
        return 'unlinked' as const
      }
      return callService(kakaoService, { url, method: 'POST', headers, form }, read, signal)
    },
  }
}

function codeOf(answer: OutboundAnswer): unknown {
  try {
    return objectOf(answer).code
  } catch {
    return undefined
  }
}
