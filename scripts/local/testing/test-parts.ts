import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import type { TestBackends } from '../../../functions/_lib/testing/test-backends.ts'
import { testEventKeys } from '../../../functions/_lib/testing/test-event-keys.ts'
import { type S3Store, startS3Store } from '../s3-store/start-s3-store.ts'
import { type RedisServer, startRedisServer } from '../servers/redis-server/start-redis-server.ts'
import { createTestDatabase } from './test-database.ts'

export type TestParts = TestBackends & { redis: RedisServer; objects: S3Store }

const bucket = 'growbin-test'
const region = 'ap-northeast-2'
const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'a-test-secret' }

/** A migrated PostgreSQL database, a Redis and an S3 store for one test file. Close them in `afterAll`. */
export async function startTestParts(): Promise<TestParts> {
  const resources = createResources()
  const directory = await mkdtemp(join(tmpdir(), 'growbin-test-'))
  resources.add({ close: () => rm(directory, { recursive: true, force: true }) })
  try {
    const database = resources.add(await createTestDatabase())
    const redis = resources.add(await startRedisServer())
    const objects = resources.add(await startS3Store({ directory, region, credentials, buckets: [bucket] }))
    return {
      database,
      redis,
      objects,
      environmentOf: (domain) => ({
        BROKER_URL: 'http://127.0.0.1:1/',
        EVENT_KEYS: testEventKeys,
        DATABASE_URL: database.urlOf(domain),
        REDIS_URL: redis.url,
        PSEUDONYM_KEY: 'a key for pseudonyms that is long enough',
        PUBLIC_BASE_URL: 'https://api.example.test',
        S3_BUCKET: bucket,
        S3_REGION: region,
        S3_ENDPOINT: objects.url,
        S3_ACCESS_KEY_ID: credentials.accessKeyId,
        S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      }),
      close: resources.close,
    }
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}
