import type { SignEvent } from '../../../functions/_lib/events/event-signature.ts'
import type { TcpProxy } from '../../lib/tcp-proxy.ts'
import type { LocalSecrets } from '../../local/platform/environment/secrets.ts'
import type { RunningInstance } from '../../local/platform/revisions/revision.ts'
import type { S3Store } from '../../local/s3-store/start-s3-store.ts'
import type { ModelControl } from '../../local/simulators/model/model-simulator.ts'
import type { Failpoints } from '../failpoints/failpoints.ts'
import type { Analysis } from './analysis.ts'
import type { BrokerStats } from './platform-messages.ts'

/** As superuser, and without the proxy. */
export type Queries = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>

export type Part = {
  stop: () => Promise<void>
  /** Stops it as a power cut would. */
  kill: () => Promise<void>
  /** Starts it again on the same port with the data on disk. */
  restart: () => Promise<void>
}

/** The whole system as real processes, and every control by which a fault acts on it. */
export type World = {
  url: string
  brokerUrl: string
  /** Which functions do an analysis here. */
  analysis: Analysis
  query: Queries
  /** The network between the processes and each server: it can be cut, slowed, or stop reading. */
  network: Record<'rabbitmq' | 'postgres' | 'redis' | 's3' | 'model', TcpProxy>
  rabbitmq: Part & { control: (...args: string[]) => Promise<string> }
  redis: Part & { url: string }
  postgres: Part & { url: string }
  /** Empties every database of Redis. */
  flushRedis: () => Promise<void>
  store: S3Store
  /** The keys of all photos, uploads included. */
  objectKeys: () => Promise<string[]>
  /** Keys and passwords of the platform. */
  readSecrets: () => Promise<LocalSecrets>
  /** Signs events as the functions do. */
  sign: SignEvent
  model: ModelControl
  failpoints: Failpoints
  functions: {
    processIdsOf: (name: string) => Promise<number[]>
    /** Signals every process of a function. Returns their ids. */
    signal: (name: string, signal: NodeJS.Signals) => Promise<number[]>
    instancesOf: (name: string) => Promise<readonly RunningInstance[]>
    /** Of every function, by its name. */
    instances: () => Promise<ReadonlyMap<string, readonly RunningInstance[]>>
    /** Variables that replace those of a function, or of all (`*`), in every process that starts from now on. */
    configure: (variables: Readonly<Record<string, Readonly<Record<string, string>>>>) => Promise<void>
  }
  /** The process of ingress and dispatchers. It is restarted automatically. */
  broker: {
    stats: () => Promise<BrokerStats>
    processId: () => Promise<number | undefined>
    kill: () => Promise<void>
    /** Ends every dispatcher as SIGTERM ends the real ones, and starts successors. */
    rollDispatchers: () => Promise<void>
    /** Kills it, and starts no other until `release`. */
    hold: () => Promise<void>
    release: () => Promise<void>
  }
  logFile: string
  close: () => Promise<void>
}

export type WorldOptions = {
  /** Latency of the model, for each call. */
  modelLatencyMs?: number
  /** Variables of the functions. */
  overrides?: Record<string, string>
  /** Added to the environment of every function process and of the broker. */
  processEnvironment?: Record<string, string>
  /** A function without requests for this long stops. */
  idleMs?: number
}
