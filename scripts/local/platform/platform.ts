import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import type { AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import type { RunningBroker } from '../broker/broker.ts'
import { startMemoryBroker } from '../broker/memory-broker.ts'
import { type RabbitBrokerOptions, startRabbitBroker } from '../broker/rabbit-broker.ts'
import { migrateAll } from '../migration/migrate.ts'
import { environmentOf } from './environment/function-environment.ts'
import { readOrCreateSecrets } from './environment/secrets.ts'
import { mainBroker, planBrokers } from './events/broker-topology.ts'
import { startCronSources } from './events/cron-sources.ts'
import { readFunctionCatalogue } from './function-catalogue.ts'
import { startGateway } from './gateway/gateway.ts'
import { seed } from './parts/seed.ts'
import { hideSecrets, type RealParts, type Services, startServices } from './parts/services.ts'
import { startFunctionProcess } from './revisions/function-process.ts'
import { startHostedRevision } from './revisions/hosted-revision.ts'
import type { Revision } from './revisions/revision.ts'
import { startScaledRevision } from './revisions/scaled-revision.ts'

export type PlatformOptions = {
  dataDirectory: string
  /** Of the gateway; 0 takes any free port. */
  port: number
  host?: string
  /** Each function a process that starts on demand and stops when idle, or all functions in this process. */
  processes: boolean
  real: RealParts
  modelLatencyMs: number
  /** `stages`: the functions of the steps run too, and new jobs go through them. */
  variant?: AnalysisVariant
  /** Forgets all data of earlier runs. */
  fresh?: boolean
  idleMs?: number
  /** Reports an event that the real broker would lose. */
  strict?: boolean
  /** Stands for the UID of the broker in the names of queues, so that several may share one RabbitMQ. */
  brokerUid?: string
  /** Set for every function that reads the variable. */
  overrides?: Readonly<Record<string, string | undefined>>
  /** Added to the environment of every function that is a process: `NODE_OPTIONS` and the like. */
  processEnvironment?: Readonly<Record<string, string>>
  /** Starts the broker over RabbitMQ elsewhere than in this process. */
  startBroker?: (options: RabbitBrokerOptions) => Promise<RunningBroker>
  writeLog: (line: string) => void
  report: (step: string) => void
  /** Aborted to give up the start: it then closes what it has opened, and throws. */
  signal?: AbortSignal
}

export type Platform = {
  url: string
  parts: Services['parts']
  services: Services
  broker: RunningBroker
  revisions: ReadonlyMap<string, Revision>
  close: () => Promise<void>
}

const region = 'ap-northeast-2'
const bucket = 'prod-sesacthon-images'
const drainMs = 10_000

/** The whole system on one machine, from the same descriptions that the manifests are made from. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const resources = createResources()
  try {
    const platform = await open(options, resources)
    options.signal?.throwIfAborted()
    return platform
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}

async function open(options: PlatformOptions, resources: ReturnType<typeof createResources>): Promise<Platform> {
  const { dataDirectory, signal } = options
  const report = (step: string) => {
    signal?.throwIfAborted()
    options.report(step)
  }
  const write = platformLog(options.writeLog)
  const log = (message: string, fields: object = {}) => write('info', message, fields)
  if (options.fresh) await rm(dataDirectory, { recursive: true, force: true })
  const secrets = await readOrCreateSecrets(dataDirectory)
  const { variant = 'single' } = options
  const catalogue = (await readFunctionCatalogue()).filter(({ spec }) => [undefined, variant].includes(spec.variant))
  const specs = catalogue.map((fn) => fn.spec)

  report('starting the parts')
  const services = resources.add(
    await startServices({
      ...options,
      secrets,
      bucket,
      region,
      environment: options.overrides ?? {},
      log: write,
    }),
  )
  report('migrating the database')
  await migrateAll(services.databaseUrl)
  signal?.throwIfAborted()
  await seed(services.databaseUrl)
  signal?.throwIfAborted()

  // Opened first and closed last, since everything else is told its address.
  const revisions = new Map<string, Revision>()
  const urlOf = (name: string): string => {
    const revision = revisions.get(name)
    if (!revision) throw new Error(`The function "${name}" does not run`)
    return `http://127.0.0.1:${revision.port}`
  }
  const ports = await reservePorts()
  const brokerUrl = `http://127.0.0.1:${ports.main}/`
  const missing = new Set([...specs.map((spec) => spec.name), 'broker'])
  const describe = () => ({
    name: 'growbin',
    ready: missing.size === 0,
    broker_url: brokerUrl,
    functions: specs.map((spec) => ({
      name: spec.name,
      trigger: spec.trigger,
      instances: revisions.get(spec.name)?.instances(),
    })),
    parts: services.parts,
  })
  const gateway = resources.add(
    await startGateway({
      specs,
      portOf: (name) => revisions.get(name)?.port,
      port: options.port,
      ...(options.host && { host: options.host }),
      missing: () => [...missing],
      describe,
    }),
  )
  const url = `http://127.0.0.1:${gateway.port}`
  report(`listening at ${url}; ${url}/readyz answers 200 when everything is ready`)

  report(options.processes ? 'bundling the functions' : 'starting the functions')
  const environment = (fn: (typeof catalogue)[number]) =>
    environmentOf(fn, {
      services,
      secrets,
      brokerUrl,
      publicBaseUrl: url,
      bucket,
      region,
      variant,
      overrides: options.overrides ?? {},
    })
  const bundles = options.processes ? await unlessAborted(bundleAll(dataDirectory), signal) : undefined
  for (const fn of catalogue) {
    signal?.throwIfAborted()
    const revision = bundles
      ? await startScaledRevision({
          spec: fn.spec,
          idleMs: options.idleMs ?? 30_000,
          log,
          startProcess: () =>
            startFunctionProcess({
              bundlePath: bundles(fn.spec.name),
              cpuMillis: fn.spec.resources.cpuMillis,
              environment: {
                ...environment(fn),
                NODE_COMPILE_CACHE: join(dataDirectory, 'compile-cache'),
                ...options.processEnvironment,
              },
              writeLog: options.writeLog,
            }),
        })
      : await startHostedRevision(fn, environment(fn))
    revisions.set(fn.spec.name, resources.add(revision))
    missing.delete(fn.spec.name)
  }

  report('starting the broker')
  const brokerOptions = {
    topology: planBrokers(specs, urlOf),
    ports: { [mainBroker]: ports.main },
    strict: options.strict ?? true,
    log: brokerLog(options.writeLog),
    ...(signal && { signal }),
  }
  const { amqpUrl } = options.real
  const broker = amqpUrl
    ? await (options.startBroker ?? startRabbitBroker)({
        ...brokerOptions,
        amqpUrl,
        namespace: 'messaging',
        ...(options.brokerUid && { uid: options.brokerUid }),
      })
    : await startMemoryBroker(brokerOptions)
  resources.add({ close: () => broker.close({ drainMs }) })
  missing.delete('broker')
  services.parts.push(
    amqpUrl
      ? { name: 'Broker', address: hideSecrets(amqpUrl), note: 'RabbitMQ as given, wire format of Knative' }
      : { name: 'Broker', address: broker.addresses[mainBroker] ?? '', note: 'in memory, semantics of Knative' },
  )
  services.parts.push({
    name: 'Event keys',
    address: join(dataDirectory, 'secrets.json'),
    note: eventKeysNote(options),
  })
  resources.add(startCronSources({ specs, urlOf, brokerUrl, log }))
  return { url, parts: services.parts, services, broker, revisions, close: resources.close }
}

const eventKeysNote = ({ overrides }: PlatformOptions) =>
  overrides?.EVENT_KEYS ? 'as given in EVENT_KEYS' : 'made at the first run, not for production'

/** Functions learn the address of the broker before it starts, since its triggers need the addresses of the functions. */
async function reservePorts(): Promise<{ main: number }> {
  const { findFreePort } = await import('../servers/free-port.ts')
  return { main: await findFreePort() }
}

async function bundleAll(dataDirectory: string): Promise<(name: string) => string> {
  const { bundleFunctions } = await import('../../bundle/bundle-functions.ts')
  const outDirectory = join(dataDirectory, 'bundles')
  await bundleFunctions({ outDirectory })
  return (name) => join(outDirectory, name, 'main.js')
}

/** Stops waiting when the signal aborts. Only for work that holds nothing open and may go on behind our back. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function platformLog(writeLog: (line: string) => void) {
  return (level: 'info' | 'error', message: string, fields: object = {}) =>
    writeLog(JSON.stringify({ level, time: new Date().toISOString(), service: 'platform', ...fields, message }))
}

function brokerLog(writeLog: (line: string) => void) {
  const write = (level: string) => (fields: object, message: string) =>
    writeLog(JSON.stringify({ level, time: new Date().toISOString(), service: 'broker', ...fields, message }))
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
