import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import type { AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import { startRestartablePostgres } from '../../e2e/real-parts.ts'
import { startTcpProxy, type TcpProxy } from '../../lib/tcp-proxy.ts'
import { findSignatures } from '../../local/platform/environment/local-signatures.ts'
import { readOrCreateSecrets } from '../../local/platform/environment/secrets.ts'
import { startS3Store } from '../../local/s3-store/start-s3-store.ts'
import { startRealRabbitmq } from '../../local/servers/real-rabbitmq.ts'
import { startRealRedis } from '../../local/servers/real-redis.ts'
import { startModelSimulator } from '../../local/simulators/model/model-simulator.ts'
import { createFailpoints } from '../failpoints/failpoints.ts'
import { retry } from '../retry.ts'
import { analyses } from './analysis.ts'
import { installAudit } from './audit.ts'
import { listObjectKeys } from './list-object-keys.ts'
import { startPlatformProcess } from './platform-process.ts'
import { createQueries } from './queries.ts'
import type { Part, World, WorldOptions } from './world.ts'

const region = 'ap-northeast-2'
const bucket = 'prod-sesacthon-images'
const s3Credentials = { accessKeyId: 'FAULTSKEY', secretAccessKey: 'a-secret-of-the-fault-suite' }
const modelApiKey = 'sk-faults'

/** What differs from production: limits that one machine would meet first, and a wait that proves nothing. */
const overridesForAll: Record<string, string> = {
  LOG_LEVEL: 'warn',
  // All clients share one address, and one person sends more than a person would.
  REQUESTS_PER_MINUTE_MAX: '1000000',
  MODEL_CALLS_PER_MINUTE_MAX: '1000000',
  MODEL_CALLS_PER_DAY_MAX: '10000000',
  // A place that is taken for an upload which never completes is free again sooner.
  UPLOAD_EXPIRES_SECONDS: '60',
}

export type StartWorldOptions = WorldOptions & {
  /** Which functions do an analysis; `single` by default. */
  variant?: AnalysisVariant
  logFile: string
  random: () => number
}

/** Starts real servers, a proxy before each, and the platform with every function and the broker as processes. */
export async function startWorld(options: StartWorldOptions): Promise<World> {
  const resources = createResources()
  try {
    return await open(options, resources)
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}

async function open(options: StartWorldOptions, resources: ReturnType<typeof createResources>): Promise<World> {
  const { variant = 'single' } = options
  const folder = await mkdtemp(join(tmpdir(), 'growbin-faults-'))
  resources.add({ close: () => rm(folder, { recursive: true, force: true }) })
  // PostgreSQL does not run as root, and its own user needs access.
  await chmod(folder, 0o711)
  await mkdir(dirname(options.logFile), { recursive: true })

  const [redis, rabbitmq, postgres, store, model, failpoints] = await Promise.all([
    startRealRedis().then(resources.add),
    startRealRabbitmq().then(resources.add),
    startRestartablePostgres().then(resources.add),
    startS3Store({
      directory: join(folder, 'objects'),
      region,
      credentials: s3Credentials,
      buckets: [bucket],
      random: options.random,
    }).then(resources.add),
    startModelSimulator({
      apiKey: modelApiKey,
      latencyMs: options.modelLatencyMs ?? 150,
      random: options.random,
    }).then(resources.add),
    createFailpoints().then(resources.add),
  ])

  const before = async (address: string): Promise<TcpProxy & { url: string }> => {
    const url = new URL(address)
    const proxy = resources.add(await startTcpProxy({ host: '127.0.0.1', port: Number(url.port) }))
    url.port = String(proxy.port)
    // A URL with a path of "/" that had none would be another base address.
    return { ...proxy, url: address.endsWith('/') ? url.href : url.href.replace(/\/$/, '') }
  }
  const network = {
    rabbitmq: await before(rabbitmq.url),
    postgres: await before(postgres.url),
    redis: await before(redis.url),
    s3: await before(store.url),
    model: await before(model.url),
  }

  const platform = resources.add(
    await startPlatformProcess(
      {
        dataDirectory: join(folder, 'platform'),
        variant,
        brokerUid: 'faults',
        idleMs: options.idleMs ?? 120_000,
        real: {
          amqpUrl: network.rabbitmq.url,
          databaseUrl: network.postgres.url,
          redisUrl: network.redis.url,
          s3Endpoint: network.s3.url,
          openaiBaseUrl: network.model.url,
        },
        overrides: {
          ...overridesForAll,
          S3_ACCESS_KEY_ID: s3Credentials.accessKeyId,
          S3_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
          OPENAI_API_KEY: modelApiKey,
          OPENAI_MODEL: 'vision',
          ...options.overrides,
        },
        processEnvironment: { ...failpoints.environment, ...options.processEnvironment },
      },
      options.logFile,
    ),
  )
  const query = createQueries(postgres.url)
  await installAudit(query)

  const instancesOf = async (name: string) => (await platform.instances()).get(name) ?? []
  const processIdsOf = async (name: string) => (await instancesOf(name)).map(({ processId }) => Number(processId))
  return {
    analysis: analyses[variant],
    url: platform.url,
    brokerUrl: platform.brokerUrl,
    query,
    network,
    rabbitmq: withPatience(rabbitmq),
    redis: withPatience(redis),
    postgres: withPatience(postgres),
    flushRedis: async () => {
      const { Redis } = await import('ioredis')
      const client = new Redis(redis.url)
      await client.flushall()
      client.disconnect()
    },
    store,
    objectKeys: () => listObjectKeys({ endpoint: store.url, region, bucket, credentials: s3Credentials }),
    readSecrets: () => readOrCreateSecrets(join(folder, 'platform')),
    sign: (await findSignatures({ given: undefined, dataDirectory: join(folder, 'platform') })).sign,
    model: model.control,
    failpoints,
    functions: {
      processIdsOf,
      instancesOf,
      instances: platform.instances,
      configure: failpoints.configure,
      signal: async (name, signal) => {
        const processIds = await processIdsOf(name)
        return processIds.filter((processId) => sendSignal(processId, signal))
      },
    },
    broker: {
      stats: platform.stats,
      processId: platform.brokerProcessId,
      kill: async () => {
        const processId = await platform.brokerProcessId()
        if (processId !== undefined) sendSignal(processId, 'SIGKILL')
      },
      rollDispatchers: platform.rollDispatchers,
      hold: platform.holdBroker,
      release: platform.releaseBroker,
    },
    logFile: options.logFile,
    close: resources.close,
  }
}

/** While a server is down, an outgoing connection of any program may take its port for a moment. */
function withPatience<T extends Part>(part: T): T {
  return { ...part, restart: () => retry(10, part.restart) }
}

function sendSignal(processId: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(processId, signal)
  } catch {
    // It has ended in the meantime.
    return false
  }
}
