import {
  type CallService,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundService,
} from '../../../_lib/outbound/outbound-call.ts'
import { objectOf, type ProviderApi, readDisplayName, readPictureUrl, unexpectedStatus } from './provider-api.ts'

export type GoogleAccess = { userinfo_url: string; revoke_url: string }

export const googleService: OutboundService = {
  name: 'google-login',
  limits: { callsPerSecond: 10, callsAtOnceMax: 20, probeSeconds: 15 },
  timeoutMs: 3_000,
  maxAttempts: 2,
  pauseSeconds: 30,
}

/** Creates the client of Google's server API. A profile needs a live access token; any token of the link revokes it. */
export function createGoogleApi(callService: CallService, access: GoogleAccess): ProviderApi {
  return {
    readProfile: async ({ subject, tokens }, signal) => {
      if (!tokens?.accessIsLive) return { refused: 'no_token' }
      const headers = { authorization: `Bearer ${tokens.accessToken}` }
      const read = (answer: OutboundAnswer) => {
        if (answer.status === 401 || answer.status === 403) return { refused: 'token_refused' as const }
        if (answer.status !== 200) throw unexpectedStatus(answer)
        const { sub, name, picture } = objectOf(answer)
        if (sub !== subject) throw new MalformedAnswerError('A profile of Google has another subject')
        return { displayName: readDisplayName(name), pictureUrl: readPictureUrl(picture) }
      }
      return callService(googleService, { url: new URL(access.userinfo_url), method: 'GET', headers }, read, signal)
    },
    unlink: async ({ tokens }, signal) => {
      if (!tokens) return { refused: 'no_token' }
      const token = tokens.refreshToken ?? tokens.accessToken
      const mayStillWork = tokens.refreshToken !== undefined || tokens.accessIsLive
      if (!mayStillWork) return { refused: 'no_token' }
      const read = (answer: OutboundAnswer) => {
        const { error } = objectOf(answer)
        // A token that has not expired and is unknown was revoked together with its link.
        const isGone = answer.status === 400 && error === 'invalid_token'
        if (answer.status === 200 || isGone) return 'unlinked' as const
        throw unexpectedStatus(answer)
      }
      return callService(
        googleService,
        { url: new URL(access.revoke_url), method: 'POST', form: { token } },
        read,
        signal,
      )
    },
  }
}
