import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnalysisResult } from '../../../functions/waste/analysis-result.ts'
import { localRedirectUri } from '../platform/environment/local-values.ts'
import { ApiError, readRefusal } from './api-error.ts'
import { readEvents } from './read-events.ts'

export type Provider = 'kakao' | 'naver' | 'google'

export type JobStatus = {
  job_id: string
  status: 'created' | 'queued' | 'processing' | 'completed' | 'failed'
  progress: number
  message: string
  stage: string
  reason: string | null
  updated_at: string
  result: AnalysisResult | null
}

export type Photo = { bytes: Uint8Array<ArrayBuffer>; contentType: string }

export type Place = { lat: number; lng: number }

const requestTimeoutMs = 30_000

export type GrowbinClientOptions = {
  baseUrl: string
  language?: string
  redirectUri?: string
  /** The id of the device, 16 to 128 URL-safe characters. A random one by default. */
  deviceId?: string
  /** W3C trace context of all requests: the logs of every function then have one trace id. */
  traceparent?: string
}

type SessionAnswer = {
  access_token: string
  refresh_token: string
  user: { user_id: string; display_name: string | null }
}

/** A client of the public API, like the mobile app. */
export function createGrowbinClient(options: GrowbinClientOptions) {
  const redirectUri = options.redirectUri ?? localRedirectUri
  const deviceId = options.deviceId ?? randomBytes(16).toString('base64url')
  let accessToken: string | undefined
  let refreshToken: string | undefined

  const send = async (what: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, options.baseUrl), {
      ...init,
      signal: init.signal ?? AbortSignal.timeout(requestTimeoutMs),
      headers: {
        ...(options.traceparent && { traceparent: options.traceparent }),
        'accept-language': options.language ?? 'ko',
        ...(accessToken && { authorization: `Bearer ${accessToken}` }),
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...init.headers,
      },
    })
    if (response.ok) return response
    throw await readRefusal(what, response)
  }
  const post = async (what: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    (await send(what, path, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) })).json()

  const keepSession = (session: SessionAnswer) => {
    accessToken = session.access_token
    refreshToken = session.refresh_token
    return session.user
  }

  /** Requests an upload URL, which opens a job. A repetition with the same key returns the same job. */
  const openJob = async (photo: Photo, place?: Place, idempotencyKey: string = randomUUID()) =>
    (await post(
      'Asking for an upload URL',
      '/api/v1/waste/analyze',
      {
        content_type: photo.contentType,
        content_length: photo.bytes.byteLength,
        sha256: createHash('sha256').update(photo.bytes).digest('hex'),
        ...(place && { location: place }),
      },
      { 'idempotency-key': idempotencyKey },
    )) as { job_id: string; upload_url: string; upload_headers: Record<string, string> }

  return {
    /** Logs in by the authorization code flow. The simulated providers sign in the person that `loginHint` names. */
    login: async (provider: Provider, loginHint: string): Promise<{ user_id: string; display_name: string | null }> => {
      const path = `/api/v1/auth/login/${provider}`
      const begun = (await post('Beginning the login', `${path}/begin`, { redirect_uri: redirectUri })) as {
        login_attempt_id: string
        authorize_url: string
        state: string
      }
      const authorizeUrl = new URL(begun.authorize_url)
      authorizeUrl.searchParams.set('login_hint', loginHint)
      const signedIn = await fetch(authorizeUrl, { redirect: 'manual', signal: AbortSignal.timeout(requestTimeoutMs) })
      const location = signedIn.headers.get('location')
      if (!location)
        throw new ApiError('Signing in with the provider', signedIn.status, 'no_redirect', await signedIn.text())
      const returned = new URL(location).searchParams
      const session = (await post('Logging in', path, {
        kind: 'authorization_code',
        login_attempt_id: begun.login_attempt_id,
        code: returned.get('code'),
        state: returned.get('state'),
        redirect_uri: redirectUri,
        device_id: deviceId,
      })) as SessionAnswer
      return keepSession(session)
    },

    /** The access token of the session; undefined before the login and after the logout. */
    accessToken: (): string | undefined => accessToken,

    /** Exchanges the refresh token for its successor and a new access token. */
    refresh: async (): Promise<SessionAnswer['user']> =>
      keepSession(
        (await post('Refreshing the session', '/api/v1/auth/refresh', {
          refresh_token: refreshToken,
          device_id: deviceId,
        })) as SessionAnswer,
      ),

    /** Ends the session, on this client and on the server. */
    logout: async (): Promise<void> => {
      await send('Logging out', '/api/v1/auth/logout', {
        method: 'POST',
        body: JSON.stringify({ refresh_token: refreshToken }),
      })
      accessToken = undefined
      refreshToken = undefined
    },

    openJob,

    /** Requests an upload URL and uploads the photo. Resolves to the id of the job. */
    upload: async (photo: Photo, place?: Place): Promise<string> => {
      const job = await openJob(photo, place)
      // fetch itself sets the length, and refuses it as a header.
      const { 'content-length': _, ...headers } = job.upload_headers
      const stored = await fetch(job.upload_url, {
        method: 'PUT',
        headers,
        body: photo.bytes,
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      if (!stored.ok) throw new ApiError('Uploading the photo', stored.status, 'upload_refused', await stored.text())
      return job.job_id
    },

    completeUpload: async (jobId: string): Promise<void> => {
      await post('Completing the upload', `/api/v1/waste/upload-complete/${jobId}`)
    },

    /** Any other resource, parsed as JSON. */
    get: async <T>(path: string): Promise<T> => (await (await send(`Asking for ${path}`, path)).json()) as T,

    /** Requests the deletion of the account, which needs a login of the last five minutes. */
    deleteAccount: async (): Promise<void> => {
      await send('Deleting the account', '/api/v1/users/account', { method: 'DELETE' })
    },

    status: async (jobId: string): Promise<JobStatus> =>
      (await (await send('Asking for the status', `/api/v1/waste/status/${jobId}`)).json()) as JobStatus,

    /** Follows the progress stream to the end of the job, over as many connections as needed. */
    follow: async (jobId: string, onStatus: (status: JobStatus) => void, timeoutMs: number): Promise<JobStatus> => {
      const endMs = Date.now() + timeoutMs
      let lastEventId = ''
      while (Date.now() < endMs) {
        const response = await send('Following the analysis', `/api/v1/waste/events/${jobId}`, {
          headers: { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
          signal: AbortSignal.timeout(Math.max(1, endMs - Date.now())),
        })
        for await (const event of readEvents(response)) {
          lastEventId = event.id
          const status = JSON.parse(event.body) as JobStatus
          onStatus(status)
          if (status.status === 'completed' || status.status === 'failed') return status
        }
        await sleep(200)
      }
      throw new ApiError('Following the analysis', 0, 'timeout', `no end after ${timeoutMs / 1000} s`)
    },
  }
}
