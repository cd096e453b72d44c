import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import type { AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import { broker as mainBroker } from '../../manifests/render/trigger.ts'
import { prepareDatabase } from '../../migration/prepare-database.ts'
import type { RunningBroker } from '../broker/broker.ts'
import type { RabbitBrokerOptions } from '../broker/rabbit-broker.ts'
import { findFreePort } from '../servers/ports/free-port.ts'
import { readVariableNames } from './deployment/function-code.ts'
import { readLocalDeployment } from './deployment/read-local-deployment.ts'
import { environmentOf } from './environment/function-environment.ts'
import { createLocalValues } from './environment/local-values.ts'
import { readOrCreateSecrets } from './environment/secrets.ts'
import { startCronSources } from './events/cron-sources.ts'
import { startBroker } from './events/start-broker.ts'
import { startGateway } from './gateway/gateway.ts'
import { readRoutes } from './gateway/read-routes.ts'
import { insertSamples } from './parts/sample-points.ts'
import { hideSecrets, type RealParts, type Services, startServices } from './parts/services.ts'
import { createPlatformLog } from './platform-log.ts'
import type { Revision } from './revisions/revision.ts'
import { asProcesses, inThisProcess } from './revisions/start-revision.ts'
import { unlessAborted } from './unless-aborted.ts'

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

/** The whole system on one machine, from the manifests of the local overlays. */
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
  const { dataDirectory, signal, overrides = {}, variant = 'single' } = options
  const report = (step: string) => {
    signal?.throwIfAborted()
    options.report(step)
  }
  const write = createPlatformLog(options.writeLog)
  const log = (message: string, fields: object = {}) => write('info', message, fields)
  if (options.fresh) await rm(dataDirectory, { recursive: true, force: true })
  const secrets = await readOrCreateSecrets(dataDirectory)

  report('starting the parts')
  const partsOptions = { ...options, secrets, bucket, region, environment: overrides, log: write }
  // First, since what is wrong in the manifests then ends the start before anything runs.
  const deployment = await readLocalDeployment(variant)
  const routes = await readRoutes(deployment.services)
  const services = resources.add(await startServices(partsOptions))
  report('migrating the database')
  await prepareDatabase(services.databaseUrl)
  signal?.throwIfAborted()
  await insertSamples(services.databaseUrl)
  signal?.throwIfAborted()

  // Opened first and closed last, since everything else is told its address.
  const revisions = new Map<string, Revision>()
  const urlOf = (name: string): string => {
    const revision = revisions.get(name)
    if (!revision) throw new Error(`The function "${name}" does not run`)
    return `http://127.0.0.1:${revision.port}`
  }
  // Functions learn the address of the broker before it starts, since its triggers need the addresses of the functions.
  const ports = { [mainBroker]: await findFreePort() }
  const brokerUrl = `http://127.0.0.1:${ports[mainBroker]}/`
  const missing = new Set([...deployment.services.map(({ name }) => name), 'broker'])
  const describe = () => ({
    name: 'growbin',
    ready: missing.size === 0,
    broker_url: brokerUrl,
    functions: deployment.services.map(({ name, labels }) => ({
      name,
      trigger: labels['growbin.app/trigger'],
      instances: revisions.get(name)?.instances(),
    })),
    parts: services.parts,
  })
  const gateway = resources.add(
    await startGateway({
      routes,
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
  const values = createLocalValues({ services, secrets, brokerUrl, publicBaseUrl: url, bucket, region })
  const startRevision = options.processes
    ? await unlessAborted(asProcesses({ ...options, log }), signal)
    : inThisProcess
  for (const service of deployment.services) {
    signal?.throwIfAborted()
    const read = await readVariableNames(service.name)
    const environment = environmentOf(service, { values, read, overrides })
    revisions.set(service.name, resources.add(await startRevision(service, environment)))
    missing.delete(service.name)
  }

  report('starting the broker')
  const { amqpUrl } = options.real
  const broker = await startBroker({
    ...{ deployment, urlOf, ports, amqpUrl, signal },
    strict: options.strict ?? true,
    uid: options.brokerUid,
    startRabbit: options.startBroker,
    writeLog: options.writeLog,
  })
  resources.add({ close: () => broker.close({ drainMs }) })
  missing.delete('broker')
  services.parts.push(brokerPart(broker, amqpUrl), eventKeysPart(options))
  resources.add(
    startCronSources({
      sources: deployment.pingSources,
      urlOf: (sink) => ('broker' in sink ? `${broker.addresses[sink.broker]}/` : `${urlOf(sink.service)}/`),
      log,
    }),
  )
  return { url, parts: services.parts, services, broker, revisions, close: resources.close }
}

const brokerPart = ({ addresses }: RunningBroker, amqpUrl: string | undefined) =>
  amqpUrl
    ? { name: 'Broker', address: hideSecrets(amqpUrl), note: 'RabbitMQ as given, wire format of Knative' }
    : { name: 'Broker', address: addresses[mainBroker] ?? '', note: 'in memory, semantics of Knative' }

const eventKeysPart = ({ dataDirectory, overrides }: PlatformOptions) => ({
  name: 'Event keys',
  address: join(dataDirectory, 'secrets.json'),
  note: overrides?.EVENT_KEYS ? 'as given in EVENT_KEYS' : 'made at the first run, not for production',
})
