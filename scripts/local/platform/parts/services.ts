import { join } from 'node:path'
import { createResources } from '../../../../functions/_lib/process/resources.ts'
import { startS3Store } from '../../s3-store/start-s3-store.ts'
import { startRedisServer } from '../../servers/redis-server/start-redis-server.ts'
import { type LoginSimulator, startLoginSimulator } from '../../simulators/login/login-simulator.ts'
import { type MapsSimulator, startMapsSimulator } from '../../simulators/maps/maps-simulator.ts'
import { type ModelSimulator, startModelSimulator } from '../../simulators/model/model-simulator.ts'
import type { LocalSecrets } from '../environment/secrets.ts'
import { startPostgres } from './start-postgres.ts'

/** Addresses of real parts. What is not given is replaced by an embedded one. */
export type RealParts = {
  databaseUrl?: string | undefined
  redisUrl?: string | undefined
  amqpUrl?: string | undefined
  s3Endpoint?: string | undefined
  openaiBaseUrl?: string | undefined
  /** Of a Kakao Local API; the key comes from the environment. */
  kakaoLocalUrl?: string | undefined
}

export type Services = {
  databaseUrl: string
  redisUrl: string
  objectStore: { endpoint: string | undefined; accessKeyId: string | undefined; secretAccessKey: string | undefined }
  model: { baseUrl: string; apiKey: string | undefined; name: string | undefined }
  maps: { url: string; restApiKey: string | undefined }
  loginIssuers: Record<'kakao' | 'naver' | 'google', string>
  /** The simulated parts, for tests that make them fail. */
  simulated: { model?: ModelSimulator; maps?: MapsSimulator; logins: LoginSimulator[] }
  /** What runs where, one line a part. */
  parts: { name: string; address: string; note: string }[]
  close: () => Promise<void>
}

export type ServicesOptions = {
  dataDirectory: string
  secrets: LocalSecrets
  real: RealParts
  bucket: string
  region: string
  modelLatencyMs: number
  environment: Readonly<Record<string, string | undefined>>
  log: (level: 'info' | 'error', message: string) => void
  /** Aborted to give up the start. */
  signal?: AbortSignal
}

export const loginClientId = 'growbin-local'

const embedded = 'embedded'
const simulated = 'SIMULATED'

/** Starts an embedded or simulated part for each one that no address is given for. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { real, secrets, environment } = options
  const resources = createResources()
  const parts: Services['parts'] = []
  const note = (name: string, address: string, text: string) =>
    parts.push({ name, address: hideSecrets(address), note: text })
  try {
    // When one fails the others are given up too, and none may still be starting when all that was opened is closed.
    const failed = new AbortController()
    const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
    const starting = [
      real.databaseUrl
        ? undefined
        : startPostgres({
            dataDirectory: options.dataDirectory,
            signal,
            reportFailure: (severity, text) => options.log('error', `PostgreSQL: ${severity}: ${text}`),
          }).then(resources.add),
      real.redisUrl ? undefined : startRedisServer().then(resources.add),
      real.s3Endpoint
        ? undefined
        : startS3Store({
            directory: join(options.dataDirectory, 'objects'),
            region: options.region,
            credentials: secrets.s3,
            buckets: [options.bucket],
          }).then(resources.add),
      real.openaiBaseUrl
        ? undefined
        : startModelSimulator({ apiKey: secrets.modelApiKey, latencyMs: options.modelLatencyMs }).then(resources.add),
      real.kakaoLocalUrl ? undefined : startMapsSimulator({ restApiKey: secrets.kakaoRestApiKey }).then(resources.add),
      ...(['kakao', 'naver', 'google'] as const).map((provider) =>
        startLoginSimulator({
          provider,
          clientId: loginClientId,
          clientSecret: secrets.loginClientSecret,
          kakao: { adminKey: secrets.kakaoAdminKey },
        }).then(resources.add),
      ),
    ] as const
    for (const each of starting) each?.catch(() => failed.abort())
    await Promise.allSettled(starting)
    options.signal?.throwIfAborted()
    const [postgres, redis, s3, model, maps, ...logins] = await Promise.all(starting)
    const databaseUrl = real.databaseUrl ?? postgres?.url ?? ''
    const redisUrl = real.redisUrl ?? redis?.url ?? ''
    note('PostgreSQL', databaseUrl, real.databaseUrl ? 'as given' : `${embedded}, a real server`)
    note('Redis', redisUrl, real.redisUrl ? 'as given' : `${embedded}, in this process`)
    note('S3', real.s3Endpoint ?? s3?.url ?? '', real.s3Endpoint ? 'as given' : `${embedded}, checks signatures`)
    const modelUrl = real.openaiBaseUrl ?? model?.url ?? ''
    note('Model', modelUrl, real.openaiBaseUrl ? 'as given' : simulated)
    const mapsUrl = real.kakaoLocalUrl ?? maps?.url ?? ''
    note('Maps', mapsUrl, real.kakaoLocalUrl ? 'as given' : `${simulated} Kakao Local`)
    const [kakao, naver, google] = logins
    if (!kakao || !naver || !google) throw new Error('A login provider did not start')
    note('Login', `${kakao.issuer} ${naver.issuer} ${google.issuer}`, `${simulated} Kakao, Naver, Google`)

    return {
      databaseUrl,
      redisUrl,
      objectStore: s3
        ? { endpoint: s3.url, ...secrets.s3 }
        : {
            endpoint: real.s3Endpoint,
            accessKeyId: environment.S3_ACCESS_KEY_ID,
            secretAccessKey: environment.S3_SECRET_ACCESS_KEY,
          },
      model: model
        ? { baseUrl: model.url, apiKey: secrets.modelApiKey, name: 'vision' }
        : { baseUrl: modelUrl, apiKey: environment.OPENAI_API_KEY, name: environment.OPENAI_MODEL },
      maps: { url: mapsUrl, restApiKey: maps ? secrets.kakaoRestApiKey : environment.KAKAO_REST_API_KEY },
      loginIssuers: { kakao: kakao.issuer, naver: naver.issuer, google: google.issuer },
      simulated: { ...(model && { model }), ...(maps && { maps }), logins },
      parts,
      close: resources.close,
    }
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}

/** An address as it may be shown. */
export function hideSecrets(address: string): string {
  return address.replace(/\/\/[^/@]*@/g, '//')
}
