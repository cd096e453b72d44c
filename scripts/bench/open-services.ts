import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type CryptoKey, importJWK } from 'jose'
import { accessTokenAlgorithm, signAccessToken } from '../../functions/_lib/access/access-token.ts'
import type { SignEvent } from '../../functions/_lib/events/event-signature.ts'
import { createResources } from '../../functions/_lib/process/resources.ts'
import { readVariableNames } from '../local/platform/deployment/function-code.ts'
import { readLocalDeployment } from '../local/platform/deployment/read-local-deployment.ts'
import { environmentOf } from '../local/platform/environment/function-environment.ts'
import { signaturesOf } from '../local/platform/environment/local-signatures.ts'
import { createLocalValues } from '../local/platform/environment/local-values.ts'
import { eventKeysOf, readOrCreateSecrets } from '../local/platform/environment/secrets.ts'
import { insertSamples } from '../local/platform/parts/sample-points.ts'
import { startServices } from '../local/platform/parts/services.ts'
import { startRealRedis } from '../local/servers/real-redis.ts'
import { prepareDatabase } from '../migration/prepare-database.ts'

export type BenchServices = {
  environmentOf: (functionName: string) => Record<string, string>
  redisUrl: string
  /** Describes the Redis server in the report. */
  redisNote: string
  /** Creates a new person with a valid access token. */
  signIn: () => Promise<{ userId: string; token: string }>
  /** Signs events with the key of these functions. */
  sign: SignEvent
  close: () => Promise<void>
}

// Experiments on these services publish nothing: jobs are unknown and the outbox is empty.
const nobody = 'http://127.0.0.1:9/'

/** Opens the services that functions use, migrated and seeded: PostgreSQL, Redis, S3 and the simulators, all on loopback. */
export async function openServices(directory: string): Promise<BenchServices> {
  const resources = createResources()
  try {
    const redis = await startRealRedis().catch(() => undefined)
    if (redis) resources.add(redis)
    const secrets = await readOrCreateSecrets(directory)
    const bucket = 'bench-images'
    const region = 'ap-northeast-2'
    const services = resources.add(
      await startServices({
        dataDirectory: join(directory, 'parts'),
        secrets,
        real: { redisUrl: redis?.url },
        bucket,
        region,
        modelLatencyMs: 0,
        environment: {},
        log: () => undefined,
      }),
    )
    await prepareDatabase(services.databaseUrl)
    await insertSamples(services.databaseUrl)
    const values = createLocalValues({
      ...{ services, secrets, bucket, region },
      brokerUrl: nobody,
      publicBaseUrl: nobody,
    })
    const environments = new Map<string, Record<string, string>>()
    for (const service of (await readLocalDeployment('stages')).services) {
      const read = await readVariableNames(service.name)
      environments.set(service.name, environmentOf(service, { values, read, overrides: {} }))
    }
    const privateKey = (await importJWK(secrets.signingKey, accessTokenAlgorithm)) as CryptoKey
    const signIn = async () => {
      const userId = randomUUID()
      const key = { kid: secrets.signingKey.kid as string, privateKey }
      return { userId, token: await signAccessToken(key, { userId, sessionId: randomUUID() }, new Date()) }
    }
    return {
      environmentOf: (name) => environments.get(name) ?? {},
      redisUrl: services.redisUrl,
      redisNote: redis ? 'redis-server' : 'the in-process Redis, since no redis-server is installed',
      signIn,
      sign: signaturesOf(eventKeysOf(secrets)).sign,
      close: resources.close,
    }
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}
