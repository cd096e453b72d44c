import { randomUUID } from 'node:crypto'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { TestBackends } from '../../../_lib/testing/test-backends.ts'
import { toSignedMessage } from '../../../_lib/testing/test-event-keys.ts'
import { createTestKeys } from '../../../_lib/testing/test-keys.ts'
import { start as startLogin } from '../../../auth/login/main.ts'
import { createLoginClient, type LoggedInBody } from '../../../auth/login/testing/login-client.ts'
import { testTokenKeys } from '../../../auth/login/testing/token-keys.ts'
import { type Provider, providers } from '../../../auth/provider.ts'
import { start } from '../main.ts'

/** Variables of a jobs-external-call that makes no outbound call. */
export const withoutServices = {
  PROVIDER_APIS: '{}',
  PROVIDER_TOKEN_KEYS: testTokenKeys,
  KAKAO_LOCAL_URL: 'http://127.0.0.1:1',
  KAKAO_REST_API_KEY: 'none',
}

/** Our registration at the simulated providers. */
export const linkClient = {
  clientId: 'growbin-test',
  clientSecret: 'canary-client-secret',
  kakao: { adminKey: 'canary-admin-key' },
} as const
const redirectUri = 'http://127.0.0.1/growbin/callback'

/** A server that simulates a login provider and accepts `linkClient`. */
type ProviderServer = { url: string; issuer: string; close: () => Promise<void> }

/**
 * Starts auth-login with the providers in `simulators`, and jobs-external-call, to which a test delivers the events in the outbox.
 * Its `close` also closes the backends and the simulators.
 */
export async function startLinkParts<Simulator extends ProviderServer>(
  backends: TestBackends,
  simulators: Record<Provider, Simulator>,
) {
  const { database } = backends
  const { kakao, naver, google } = simulators
  const { clientId, clientSecret } = linkClient
  const { adminKey } = linkClient.kakao
  const login = await startLogin({
    ...backends.environmentOf('auth'),
    LOG_LEVEL: 'fatal',
    AUTH_SIGNING_KEY: JSON.stringify((await createTestKeys()).signingJwk),
    LOGIN_PROVIDERS: JSON.stringify(
      Object.fromEntries(
        providers.map((provider) => [
          provider,
          { issuer: simulators[provider].issuer, client_id: clientId, client_secret: clientSecret },
        ]),
      ),
    ),
    LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
    PROVIDER_TOKEN_KEYS: testTokenKeys,
    LOGINS_PER_MINUTE_MAX: '10000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
  })
  const environment = {
    ...backends.environmentOf('events'),
    ...withoutServices,
    LOG_LEVEL: 'fatal',
    AUTH_DATABASE_URL: database.urlOf('auth'),
    LOCATIONS_DATABASE_URL: database.urlOf('locations'),
    USERS_DATABASE_URL: database.urlOf('users'),
    WASTE_DATABASE_URL: database.urlOf('waste'),
    PROVIDER_APIS: JSON.stringify({
      kakao: { api_url: kakao.url, admin_key: adminKey },
      naver: {
        api_url: naver.url,
        token_url: `${naver.url}/oauth2/token`,
        client_id: clientId,
        client_secret: clientSecret,
      },
      google: { userinfo_url: `${google.url}/v1/userinfo`, revoke_url: `${google.url}/revoke` },
    }),
  }
  const external = await start(environment)
  const client = createLoginClient(login.app, redirectUri)

  return {
    database,
    simulators,
    client,
    environment,
    secrets: { clientSecret, adminKey },
    /** Logs in with the provider, as a person of this name. */
    signIn: async (provider: Provider, name: string): Promise<LoggedInBody['user']> => {
      const response = await client.signIn(provider, name)
      if (response.status !== 200) throw new Error(`The login answered ${response.status}`)
      return ((await response.json()) as LoggedInBody).user
    },
    /** Takes the due events of this type from the outbox, as the relay does. */
    takeDue: async (type: string): Promise<JsonCloudEvent[]> => {
      const rows = await database.query<{ event: JsonCloudEvent }>(
        `update events.outbox set sent_at = now()
         where event ->> 'type' = $1 and sent_at is null and next_at <= now() returning event`,
        [type],
      )
      return rows.map(({ event }) => event)
    },
    /** Delivers an event; resolves to the status. */
    deliver: async (event: JsonCloudEvent, app = external.app): Promise<number> =>
      (await app.request('/', { method: 'POST', ...toSignedMessage(event) })).status,
    /** Requests the deletion of an account; resolves to its command. */
    requestDeletion: async (userId: string): Promise<JsonCloudEvent> => {
      const deletionId = randomUUID()
      await database.query(
        `insert into users.deletions (deletion_id, user_id, user_hash, event_id, traceparent)
         values ($1, $2::uuid, encode(sha256($2::uuid::text::bytea), 'hex'), gen_random_uuid(), '')`,
        [deletionId, userId],
      )
      return {
        specversion: '1.0',
        id: randomUUID(),
        source: '/growbin/users-delete-account',
        type: 'app.growbin.api.account.delete.v1',
        datacontenttype: 'application/json',
        data: { deletion_id: deletionId },
        extensions: { queue: 'api' },
      }
    },
    metrics: async () => await (await external.app.request('/metrics')).text(),
    /** As if nothing had ever been called: a full bucket and a closed circuit. */
    forgetServices: () => database.query('delete from events.outbound_services'),
    close: async () => {
      await external.close()
      await login.close()
      await Promise.all(Object.values<Simulator>(simulators).map((one) => one.close()))
      await backends.close()
    },
  }
}
