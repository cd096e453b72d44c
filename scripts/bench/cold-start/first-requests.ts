import { toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import type { SignEvent } from '../../../functions/_lib/events/event-signature.ts'
import { localRedirectUri } from '../../local/platform/environment/local-values.ts'
import type { Request } from '../send-request.ts'

/** A request that makes a function use its dependencies, and the expected status. */
export type FirstRequest = Request & { status: number }

const unknownId = '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d'
const json = { 'content-type': 'application/json' }

const createEventRequest =
  (sign: SignEvent) =>
  (type: string, data: object): FirstRequest => {
    const message = toBinaryMessage(
      sign({
        specversion: '1.0',
        id: crypto.randomUUID(),
        source: '/growbin/bench',
        type,
        datacontenttype: 'application/json',
        data,
        extensions: { queue: type.split('.')[2] ?? '' },
      }),
    )
    return { method: 'POST', path: '/', ...message, status: 204 }
  }

/** The first request by function. A function without one is measured only until it listens. */
export function createFirstRequests(token: string, sign: SignEvent): Record<string, FirstRequest> {
  const event = createEventRequest(sign)
  const authorization = `Bearer ${token}`
  return {
    // Discovery at the simulated provider, the attempt in PostgreSQL, the rate limit in Redis.
    'auth-login': {
      method: 'POST',
      path: '/api/v1/auth/login/kakao/begin',
      headers: json,
      body: JSON.stringify({ redirect_uri: localRedirectUri }),
      status: 201,
    },
    // The job in PostgreSQL, the rate limit in Redis, a URL signed by the SDK of S3.
    'waste-presign': {
      method: 'POST',
      path: '/api/v1/waste/analyze',
      headers: { ...json, authorization },
      body: JSON.stringify({ content_type: 'image/jpeg', content_length: 100_000 }),
      status: 201,
    },
    'waste-upload-complete': {
      method: 'POST',
      path: `/api/v1/waste/upload-complete/${unknownId}`,
      headers: { authorization },
      status: 404,
    },
    // Not in Redis, then not in PostgreSQL.
    'waste-status': {
      method: 'GET',
      path: `/api/v1/waste/status/${unknownId}`,
      headers: { authorization },
      status: 404,
    },
    'waste-ai-analyze': { ...event('app.growbin.ai.image.analyze.v1', { job_id: unknownId }), status: 202 },
    'events-dead-letter': event('app.growbin.ai.image.analyze.v1', { job_id: unknownId }),
    'events-relay': event('dev.knative.sources.ping', { task: 'relay' }),
  }
}
