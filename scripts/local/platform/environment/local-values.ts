import { urlForDomain } from '../../../migration/domain-roles.ts'
import { loginClientId, type Services } from '../parts/services.ts'
import { eventKeysOf, type LocalSecrets, publicKeySet } from './secrets.ts'

/** Where a simulated provider sends a person back to; nothing listens there, the demo reads the address. */
export const localRedirectUri = 'http://127.0.0.1/growbin/callback'

/** The addresses and keys that variables of functions hold. */
export type UsedServices = Pick<
  Services,
  'databaseUrl' | 'redisUrl' | 'objectStore' | 'model' | 'maps' | 'loginIssuers'
>

export type LocalValuesOptions = {
  services: UsedServices
  secrets: LocalSecrets
  brokerUrl: string
  publicBaseUrl: string
  bucket: string
  region: string
}

/** By name and key. A key without a value is known, and not set: a real part was given without it. */
type Values = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>

export type LocalValues = Record<'Secret' | 'ConfigMap', Values>

/** What the Secrets and ConfigMaps of the manifests hold on this machine. */
export function createLocalValues({ services, secrets, ...options }: LocalValuesOptions): LocalValues {
  const database = (domain: string) => ({ url: urlForDomain(services.databaseUrl, domain) })
  const redis = { url: services.redisUrl }
  const pseudonymKey = { key: secrets.pseudonymKey }
  return {
    Secret: {
      'auth-database': database('auth'),
      'auth-login-providers': { 'providers.json': JSON.stringify(loginProviders(services, secrets)) },
      'auth-provider-token-keys': {
        'keys.json': JSON.stringify({ current: 'local', keys: { local: secrets.providerTokenKey } }),
      },
      'auth-redis': redis,
      'auth-refresh-token-key': { key: secrets.refreshTokenKey },
      'auth-signing-key': { 'jwk.json': JSON.stringify(secrets.signingKey) },
      'event-keys': { 'keys.json': eventKeysOf(secrets) },
      'events-database': database('events'),
      'events-redis': redis,
      'jobs-kakao-local': { 'rest-api-key': services.maps.restApiKey },
      'jobs-provider-apis': { 'providers.json': JSON.stringify(providerApis(services, secrets)) },
      'locations-database': database('locations'),
      'object-store': {
        'access-key-id': services.objectStore.accessKeyId,
        'secret-access-key': services.objectStore.secretAccessKey,
      },
      'users-database': database('users'),
      'users-pseudonym-key': pseudonymKey,
      'users-redis': redis,
      'waste-database': database('waste'),
      'waste-openai': { 'api-key': services.model.apiKey },
      'waste-pseudonym-key': pseudonymKey,
      'waste-redis': redis,
    },
    ConfigMap: {
      'auth-public-keys': { 'jwks.json': JSON.stringify(publicKeySet(secrets.signingKey)) },
      growbin: {
        'broker-url': options.brokerUrl,
        'kakao-local-url': services.maps.url,
        'login-redirect-uris': JSON.stringify([localRedirectUri]),
        'openai-base-url': services.model.baseUrl,
        'openai-model': services.model.name,
        'public-base-url': options.publicBaseUrl,
        's3-bucket': options.bucket,
        's3-endpoint': services.objectStore.endpoint,
        's3-region': options.region,
        'web-origins': '[]',
      },
      'operator-public-keys': { 'jwks.json': JSON.stringify(publicKeySet(secrets.operatorKey)) },
    },
  }
}

function loginProviders({ loginIssuers }: UsedServices, { loginClientSecret }: LocalSecrets) {
  const client = { client_id: loginClientId, client_secret: loginClientSecret }
  return Object.fromEntries(Object.entries(loginIssuers).map(([provider, issuer]) => [provider, { issuer, ...client }]))
}

/** The simulated providers have everything under their issuer. */
function providerApis({ loginIssuers: { kakao, naver, google } }: UsedServices, secrets: LocalSecrets) {
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
