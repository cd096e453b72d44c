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

export type NaverAccess = { api_url: string; token_url: string; client_id: string; client_secret: string }

export const naverService: OutboundService = {
  name: 'naver-login',
  limits: { callsPerSecond: 10, callsAtOnceMax: 20, probeSeconds: 15 },
  // Ending a link takes three calls at most, within the time of one event.
  timeoutMs: 2_500,
  maxAttempts: 2,
  pauseSeconds: 30,
}

// RFC 6749, 5.2 and RFC 6750, 3.1: the token is unknown, expired or revoked.
const tokenErrors = new Set<unknown>(['invalid_grant', 'invalid_request', 'invalid_token'])
const isTokenError = (error: unknown) => tokenErrors.has(error)

/** Creates the client of Naver's server API. Every call needs a token of the person; ending a link needs one that has not expired. */
export function createNaverApi(callService: CallService, access: NaverAccess): ProviderApi {
  const requestToken = (parameters: Record<string, string>, signal: AbortSignal) =>
    callService(
      naverService,
      {
        url: new URL(access.token_url),
        method: 'POST',
        form: { client_id: access.client_id, client_secret: access.client_secret, ...parameters },
      },
      (answer) => {
        const body = objectOf(answer)
        // Naver answers errors with 200 too, so the body decides.
        if (body.error === 'invalid_client' || body.error === 'unauthorized_client') {
          throw ownKeyRefused(naverService.name, answer.status)
        }
        if (body.error === undefined && answer.status !== 200) throw unexpectedStatus(answer)
        if (body.error !== undefined && !isTokenError(body.error)) {
          throw new MalformedAnswerError('The token endpoint of Naver failed for a reason other than the token')
        }
        return body
      },
      signal,
    )

  const deleteToken = async (accessToken: string, signal: AbortSignal): Promise<boolean> => {
    const body = await requestToken({ grant_type: 'delete', access_token: accessToken }, signal)
    return body.result === 'success'
  }

  return {
    readProfile: async ({ tokens }, signal) => {
      if (!tokens?.accessIsLive) return { refused: 'no_token' }
      const headers = { authorization: `Bearer ${tokens.accessToken}` }
      const url = new URL('/v1/nid/me', access.api_url)
      const read = (answer: OutboundAnswer) => {
        if (answer.status === 401 || answer.status === 403) return { refused: 'token_refused' as const }
        if (answer.status !== 200) throw unexpectedStatus(answer)
        const { resultcode, response } = objectOf(answer)
        if (resultcode === '024') return { refused: 'token_refused' as const }
        if (resultcode !== '00' || typeof response !== 'object' || response === null) {
          throw new MalformedAnswerError('A profile of Naver differs from its documentation')
        }
        const { nickname, name, profile_image: picture } = response as Record<string, unknown>
        return { displayName: readDisplayName(nickname ?? name), pictureUrl: readPictureUrl(picture) }
      }
      return callService(naverService, { url, method: 'GET', headers }, read, signal)
    },
    unlink: async ({ tokens }, signal) => {
      if (!tokens) return { refused: 'no_token' }
      if (tokens.accessIsLive && (await deleteToken(tokens.accessToken, signal))) return 'unlinked'
      // A token that is refused before it expires may have been replaced by a later login; the refresh token shows it.
      if (!tokens.refreshToken) return tokens.accessIsLive ? 'unlinked' : { refused: 'no_token' }
      const refreshed = await requestToken({ grant_type: 'refresh_token', refresh_token: tokens.refreshToken }, signal)
      // A link that has ended cannot be refreshed.
      if (refreshed.error !== undefined) return 'unlinked'
      if (typeof refreshed.access_token !== 'string') {
        throw new MalformedAnswerError('Refreshed tokens of Naver contain no access token')
      }
      const ended = await deleteToken(refreshed.access_token, signal)
      return ended ? 'unlinked' : { refused: 'token_refused' }
    },
  }
}
