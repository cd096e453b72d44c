import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'jobs-external-call',
  node: 'application',
  trigger: { queue: 'api', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 15 },
  scale: { min: 0, max: 2, concurrency: 4 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_DATABASE_URL: { secret: 'auth-database', key: 'url' },
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    KAKAO_REST_API_KEY: { secret: 'jobs-kakao-local', key: 'rest-api-key' },
    LOCATIONS_DATABASE_URL: { secret: 'locations-database', key: 'url' },
    PROVIDER_APIS: { secret: 'jobs-provider-apis', key: 'providers.json' },
    PROVIDER_TOKEN_KEYS: { secret: 'auth-provider-token-keys', key: 'keys.json' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
    USERS_DATABASE_URL: { secret: 'users-database', key: 'url' },
    WASTE_DATABASE_URL: { secret: 'waste-database', key: 'url' },
  },
  connections: {
    AUTH_DATABASE_URL: 1,
    DATABASE_URL: 2,
    LOCATIONS_DATABASE_URL: 1,
    USERS_DATABASE_URL: 1,
    WASTE_DATABASE_URL: 1,
  },
} satisfies FunctionSpec
