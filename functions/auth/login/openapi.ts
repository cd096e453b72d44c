import * as z from 'zod'
import type { FunctionDescription, ProblemDescription } from '../../_lib/openapi/description.ts'
import { providerSchema } from '../provider.ts'
import { crossSite, signedInExample, signedInSchema } from '../signed-in.openapi.ts'
import type spec from './function.ts'
import { beginRequestSchema, loginRequestSchema } from './handler.ts'

const attemptIdExample = '0198c5f0-f2b6-7e58-9d0b-2f7a4c1e8b33'
const stateExample = 'd0Zk1hR3bJ7wq2mV5xTnY8sLcE4uAf6gKpQiOe9rWtI'
const redirectUriExample = 'growbin://login/callback'

const providerParameter = {
  description: 'The login provider. One that is unknown or not configured gets a 404.',
  schema: providerSchema,
  example: 'kakao',
}

const noProvider: ProblemDescription[] = [
  { code: 'not_found', reason: 'not_found', when: 'There is no such provider.' },
  { code: 'not_found', reason: 'provider_not_configured', when: 'This provider is not offered here.' },
]

const providerDown: ProblemDescription = {
  code: 'unavailable',
  reason: 'provider_unavailable',
  when: 'The provider does not answer, or answers incorrectly. The person cannot fix this.',
  retryAfter: true,
}

const begunSchema = z
  .strictObject({
    login_attempt_id: z.uuid().describe('Id of the attempt; usable once.'),
    authorize_url: z.url().describe('Where the person is sent to sign in.'),
    state: z.string().min(1).describe('The redirect must return it; the client compares it too.'),
    nonce: z
      .string()
      .min(1)
      .optional()
      .describe(
        'For a login by id token: the nonce that the token must hold. Absent where id tokens are not accepted.',
      ),
    expires_in: z.int().min(1).describe('Lifetime of the attempt in seconds.'),
  })
  .meta({ id: 'LoginAttempt', description: 'A login that has begun.' })

export default {
  routes: {
    'POST /api/v1/auth/login/:provider/begin': {
      operationId: 'beginLogin',
      summary: 'Begin a login',
      description: 'Creates and stores state, nonce and PKCE verifier, and returns where the person signs in.',
      limitedBy: 'address',
      path: { provider: providerParameter },
      body: {
        name: 'BeginLoginRequest',
        schema: beginRequestSchema,
        fields: {
          '/redirect_uri': 'Where the provider redirects the person to; one of a fixed list, compared exactly.',
        },
        examples: { app: { summary: 'The mobile app', value: { redirect_uri: redirectUriExample } } },
      },
      answers: {
        201: {
          description: 'The login has begun.',
          schema: begunSchema,
          examples: {
            begun: {
              summary: 'Send the person to `authorize_url`',
              value: {
                login_attempt_id: attemptIdExample,
                authorize_url: `https://kauth.kakao.com/oauth/authorize?client_id=growbin&response_type=code&state=${stateExample}`,
                state: stateExample,
                expires_in: 600,
              },
            },
          },
        },
      },
      problems: [
        ...noProvider,
        {
          code: 'invalid_request',
          reason: 'redirect_uri_not_allowed',
          when: 'The redirect URI is not on the list.',
          fields: true,
        },
        providerDown,
      ],
    },
    'POST /api/v1/auth/login/:provider': {
      operationId: 'login',
      summary: 'Finish a login',
      description:
        'Exchanges the code of the redirect, or an id token that the app obtained itself, for a session. The first try ' +
        'consumes the attempt, whether it succeeds or not. A web client needs `X-Growbin-Client: web` and the `Origin` of ' +
        'one of our pages, and gets its refresh token in a cookie.',
      limitedBy: 'address',
      path: { provider: providerParameter },
      body: {
        name: 'LoginRequest',
        schema: loginRequestSchema,
        fields: {
          '/kind': 'How the person proves the login.',
          '/login_attempt_id': 'The attempt that was begun.',
          '/device_id': 'A random string of the app for its device: a new login there ends the earlier session.',
          '/client': '`web` for a page of ours, which gets its refresh token in a cookie. Default: `app`.',
          '/id_token': 'The id token of the provider, with the nonce of the attempt. Not offered for Naver.',
          '/code': 'The authorization code of the redirect.',
          '/state': 'The state of the redirect.',
          '/redirect_uri': 'The same as when the login began.',
          '/iss': 'Issuer of the redirect, when it has one (RFC 9207).',
        },
        examples: {
          code: {
            summary: 'With an authorization code',
            value: {
              kind: 'authorization_code',
              login_attempt_id: attemptIdExample,
              code: 'example-authorization-code',
              state: stateExample,
              redirect_uri: redirectUriExample,
            },
          },
          idToken: {
            summary: 'With an id token',
            value: {
              kind: 'id_token',
              login_attempt_id: attemptIdExample,
              id_token: 'eyJhbGciOiJSUzI1NiJ9.example.signature',
              device_id: 'example-device-0001',
            },
          },
        },
      },
      answers: {
        200: {
          description: 'The person is signed in.',
          schema: signedInSchema,
          examples: { signedIn: { summary: 'A session of the mobile app', value: signedInExample } },
        },
      },
      problems: [
        ...noProvider,
        {
          code: 'invalid_request',
          reason: 'login_attempt_invalid',
          when: 'The attempt is unknown, used, expired, of another provider, or has another state or redirect URI.',
        },
        {
          code: 'invalid_request',
          reason: 'login_kind_not_offered',
          when: 'No id tokens are accepted from this provider.',
          fields: true,
        },
        crossSite,
        { code: 'unauthenticated', reason: 'login_refused', when: 'The provider did not confirm the login.' },
        providerDown,
      ],
    },
  },
} satisfies FunctionDescription<typeof spec>
