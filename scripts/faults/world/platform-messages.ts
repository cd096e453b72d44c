import type { DispatcherStats } from '../../local/broker/broker.ts'
import type { PlatformOptions } from '../../local/platform/platform.ts'

export type PlatformChildOptions = Pick<PlatformOptions, 'dataDirectory' | 'real' | 'variant'> & {
  idleMs: number
  brokerUid: string
  overrides: Record<string, string>
  processEnvironment: Record<string, string>
}

export type PlatformReady = { url: string; brokerUrl: string }

export type PlatformQuestion = 'stats' | 'broker_process' | 'roll_dispatchers' | 'hold_broker' | 'release_broker'

export type BrokerStats = Record<string, DispatcherStats>
