import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import { providerSchema } from '../provider.ts'
import { crossSite, sessionIdExample, signedInExample, signedInSchema, userIdExample } from '../signed-in.openapi.ts'
import type spec from './function.ts'
import { logoutRequestSchema, refreshRequestSchema } from './handler.ts'

const refreshTokenExample = 'example-refresh-token-example-refresh-token'

const meSchema = z
  .strictObject({
    user_id: z.uuid().describe('Id of the person.'),
    display_name: z.string().nullable().describe('Name from the provider; null when it gives none.'),
    session_id: z.uuid().describe('Id of this session.'),
    provider: providerSchema
      .nullable()
      .describe('Where the person signed in; null for a session that is older than this field.'),
    created_at: z.iso.datetime().describe('When the session began, RFC 3339 in UTC.'),
    authenticated_at: z.iso.datetime().describe('When the person last signed in with the provider, RFC 3339 in UTC.'),
  })
  .meta({ id: 'Me', description: 'The person and the session of an access token.' })

const sessionSchema = z
  .strictObject({
    session_id: z.uuid().describe('Id of the session.'),
    client: z.enum(['app', 'web']).describe('The kind of client that holds it.'),
    provider: providerSchema.nullable().describe('Where the person signed in.'),
    created_at: z.iso.datetime().describe('When the session began, RFC 3339 in UTC.'),
    last_refreshed_at: z.iso.datetime().nullable().describe('The last refresh; null when there was none.'),
    ends_at: z.iso.datetime().describe('When it ends at the latest, RFC 3339 in UTC.'),
    current: z.boolean().describe('True for the session of this request.'),
  })
  .meta({ id: 'Session', description: 'A live session.' })

const sessionsSchema = z
  .strictObject({ sessions: z.array(sessionSchema).describe('Newest first.') })
  .meta({ id: 'Sessions', description: 'The live sessions of a person.' })

const keySetSchema = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          kty: z.literal('EC').describe('Key type.'),
          crv: z.literal('P-256').describe('Curve.'),
          x: z.string().describe('Coordinate, base64url.'),
          y: z.string().describe('Coordinate, base64url.'),
          kid: z.string().min(1).describe('Name of the key, as in the header of a token.'),
          alg: z.literal('ES256').optional().describe('Algorithm.'),
          use: z.literal('sig').optional().describe('Use.'),
        }),
      )
      .describe('The keys that sign tokens now, or did recently.'),
  })
  .meta({ id: 'KeySet', description: 'A JSON Web Key Set (RFC 7517).' })

const ended = { code: 'unauthenticated', reason: 'session_ended', when: 'The session has ended.' } as const

export default {
  routes: {
    'POST /api/v1/auth/refresh': {
      operationId: 'refresh',
      summary: 'Renew the access token',
      description:
        'Exchanges a refresh token for its successor. The app sends the token in the body; a web client sends ' +
        '`{"client": "web"}`, its cookies, and `X-Growbin-Client: web`. The same device may repeat a refresh within ten ' +
        'seconds and gets the same successor; a spent token that comes later ends the whole session. A session may be ' +
        'refreshed 60 times an hour; beyond that the token stays unspent.',
      limitedBy: 'address',
      body: {
        name: 'RefreshRequest',
        schema: refreshRequestSchema,
        fields: {
          '/refresh_token': 'The refresh token of the app.',
          '/device_id': 'The device of the login, when the app sent one.',
          '/client': 'A web client, whose token is in a cookie.',
        },
        examples: {
          app: { summary: 'The mobile app', value: { refresh_token: refreshTokenExample } },
          web: { summary: 'A web client', value: { client: 'web' } },
        },
      },
      answers: {
        200: {
          description: 'The session continues. A web client gets its refresh token in a cookie.',
          schema: signedInSchema,
          examples: { app: { summary: 'The mobile app', value: signedInExample } },
        },
      },
      problems: [
        {
          code: 'unauthenticated',
          reason: 'token_invalid',
          when: 'The refresh token is unknown, or of another device.',
        },
        {
          code: 'unauthenticated',
          reason: 'token_reuse',
          when: 'The refresh token was already spent and may have been copied: the session has ended.',
        },
        ended,
        crossSite,
      ],
    },
    'POST /api/v1/auth/logout': {
      operationId: 'logout',
      summary: 'Sign out',
      description:
        'Ends the session of the refresh token, of the cookie, or of the access token, whichever is sent. It also succeeds ' +
        'without such a session, and needs no body.',
      limitedBy: 'address',
      body: {
        name: 'LogoutRequest',
        schema: logoutRequestSchema,
        required: false,
        fields: {
          '/refresh_token': 'The refresh token of the app.',
          '/client': '`web` for a web client, whose cookie is cleared.',
        },
        examples: { app: { summary: 'The mobile app', value: { refresh_token: refreshTokenExample } } },
      },
      answers: { 204: { description: 'The session has ended, if there was one.' } },
      problems: [crossSite],
    },
    'GET /api/v1/auth/me': {
      operationId: 'readMe',
      summary: 'Read who is signed in',
      description: 'The person and the session of the access token.',
      answers: {
        200: {
          description: 'The person.',
          schema: meSchema,
          examples: {
            me: {
              summary: 'Signed in with Kakao',
              value: {
                user_id: userIdExample,
                display_name: '라이언',
                session_id: sessionIdExample,
                provider: 'kakao',
                created_at: '2026-03-01T22:10:00.000Z',
                authenticated_at: '2026-03-01T22:10:00.000Z',
              },
            },
          },
        },
      },
      problems: [ended],
    },
    'GET /api/v1/auth/sessions': {
      operationId: 'listSessions',
      summary: 'List the sessions',
      description: 'The live sessions of the person, at most ten.',
      answers: {
        200: {
          description: 'The sessions.',
          schema: sessionsSchema,
          examples: {
            one: {
              summary: 'One session',
              value: {
                sessions: [
                  {
                    session_id: sessionIdExample,
                    client: 'app',
                    provider: 'kakao',
                    created_at: '2026-03-01T22:10:00.000Z',
                    last_refreshed_at: null,
                    ends_at: '2026-04-30T22:10:00.000Z',
                    current: true,
                  },
                ],
              },
            },
          },
        },
      },
    },
    'DELETE /api/v1/auth/sessions/:session_id': {
      operationId: 'endSession',
      summary: 'End a session',
      description: 'Signs a device out. Its access token is refused everywhere within a minute.',
      path: {
        session_id: {
          description: 'Id of the session. One that is malformed, unknown or of another person gets the same 404.',
          schema: z.uuid(),
          example: sessionIdExample,
        },
      },
      answers: { 204: { description: 'The session has ended.' } },
      problems: [{ code: 'not_found', reason: 'not_found', when: 'There is no such live session of this person.' }],
    },
    'GET /.well-known/jwks.json': {
      operationId: 'readKeySet',
      summary: 'Read the public keys',
      description: 'The keys that verify access tokens. May be cached for five minutes.',
      answers: {
        200: {
          description: 'The keys.',
          schema: keySetSchema,
          examples: {
            one: {
              summary: 'One key',
              value: {
                keys: [
                  {
                    kty: 'EC',
                    crv: 'P-256',
                    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
                    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
                    kid: '2026-03',
                    alg: 'ES256',
                    use: 'sig',
                  },
                ],
              },
            },
          },
        },
      },
    },
  },
} satisfies FunctionDescription<typeof spec>
