import { domainOf } from '../../../../functions/_lib/process/function-spec.ts'
import type { AnalysisVariant } from '../../../../functions/waste/analysis-step.ts'
import { urlForDomain } from '../../migration/migrate.ts'
import type { CataloguedFunction } from '../function-catalogue.ts'
import { loginClientId, type Services } from '../parts/services.ts'
import { eventKeysOf, type LocalSecrets, publicKeySet } from './secrets.ts'

/** Where a simulated provider sends a person back to; nothing listens there, the demo reads the address. */
export const localRedirectUri = 'http://127.0.0.1/growbin/callback'

export type EnvironmentOptions = {
  services: Services
  secrets: LocalSecrets
  brokerUrl: string
  publicBaseUrl: string
  bucket: string
  region: string
  variant?: AnalysisVariant
  /** The environment of this process: what it sets for a variable of a function wins, such as LOG_LEVEL. */
  overrides: Readonly<Record<string, string | undefined>>
}

// Of these the local platform makes one value for each function, so the process' own must not leak in.
const perFunction = new Set(['DATABASE_URL', 'REDIS_URL', 'PORT', 'K_REVISION'])

/** The variables that one function reads, with their local values: what ConfigMaps and Secrets hold in the cluster. */
export function environmentOf(fn: CataloguedFunction, options: EnvironmentOptions): Record<string, string> {
  const { services, secrets } = options
  const domain = domainOf(fn.spec)
  const values: Record<string, string | undefined> = {
    AUTH_PUBLIC_KEYS: JSON.stringify(publicKeySet(secrets.signingKey)),
    AUTH_SIGNING_KEY: JSON.stringify(secrets.signingKey),
    OPERATOR_PUBLIC_KEYS: JSON.stringify(publicKeySet(secrets.operatorKey)),
    REFRESH_TOKEN_KEY: secrets.refreshTokenKey,
    PSEUDONYM_KEY: secrets.pseudonymKey,
    ANALYSIS_VARIANT: options.variant,
    BROKER_URL: options.brokerUrl,
    EVENT_KEYS: eventKeysOf(secrets),
    // What is put together in the jobs domain has no tables of its own, and keeps its dead letters with the events.
    DATABASE_URL: urlForDomain(services.databaseUrl, domain === 'jobs' ? 'events' : domain),
    AUTH_DATABASE_URL: urlForDomain(services.databaseUrl, 'auth'),
    USERS_DATABASE_URL: urlForDomain(services.databaseUrl, 'users'),
    WASTE_DATABASE_URL: urlForDomain(services.databaseUrl, 'waste'),
    LOCATIONS_DATABASE_URL: urlForDomain(services.databaseUrl, 'locations'),
    DATABASE_CONNECTIONS_MAX: '10',
    REDIS_URL: services.redisUrl,
    PUBLIC_BASE_URL: options.publicBaseUrl,
    S3_BUCKET: options.bucket,
    S3_REGION: options.region,
    S3_ENDPOINT: services.objectStore.endpoint,
    S3_ACCESS_KEY_ID: services.objectStore.accessKeyId,
    S3_SECRET_ACCESS_KEY: services.objectStore.secretAccessKey,
    OPENAI_BASE_URL: services.model.baseUrl,
    OPENAI_API_KEY: services.model.apiKey,
    OPENAI_MODEL: services.model.name,
    LOGIN_PROVIDERS: JSON.stringify(
      Object.fromEntries(
        Object.entries(services.loginIssuers).map(([provider, issuer]) => [
          provider,
          { issuer, client_id: loginClientId, client_secret: secrets.loginClientSecret },
        ]),
      ),
    ),
    PROVIDER_TOKEN_KEYS: JSON.stringify({ current: 'local', keys: { local: secrets.providerTokenKey } }),
    PROVIDER_APIS: JSON.stringify(providerApis(services, secrets)),
    KAKAO_LOCAL_URL: services.maps.url,
    KAKAO_REST_API_KEY: services.maps.restApiKey,
    LOGIN_REDIRECT_URIS: JSON.stringify([localRedirectUri]),
    // On one machine everybody comes from one address, and scripts sign in as the same few people.
    LOGINS_PER_MINUTE_MAX: '6000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '600',
    REFRESHES_PER_MINUTE_MAX: '6000',
    ANALYSES_PER_DAY_MAX: '100000',
    K_REVISION: `${fn.spec.name}-local`,
  }
  const environment: Record<string, string> = {}
  for (const name of fn.variables) {
    const own =
      perFunction.has(name) || name.startsWith('S3_') || name.startsWith('OPENAI_') || name.startsWith('KAKAO_')
    const value = own ? values[name] : (options.overrides[name] ?? values[name])
    if (value !== undefined) environment[name] = value
  }
  return environment
}

/** The simulated providers have everything under their issuer. */
function providerApis({ loginIssuers: { kakao, naver, google } }: Services, secrets: LocalSecrets) {
  return {
    kakao: { api_url: kakao, admin_key: secrets.kakaoAdminKey },
    naver: {
      api_url: naver,
      token_url: `${naver}/oauth2/token`,
      client_id: loginClientId,
      client_secret: secrets.loginClientSecret,
    },
    google: { userinfo_url: `${google}/v1/userinfo`, revoke_url: `${google}/revoke` },
  }
}
