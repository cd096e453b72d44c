import type { DispatcherStats } from '../../local/broker/broker.ts'
import type { PlatformOptions } from '../../local/platform/platform.ts'

export type PlatformChildOptions = Pick<PlatformOptions, 'dataDirectory' | 'real' | 'variant'> & {
  idleMs: number
  brokerUid: string
  overrides: Record<string, string>
  processEnvironment: Record<string, string>
}

export type PlatformQuestion = {
  id: number
  ask: 'stats' | 'broker_process' | 'roll_dispatchers' | 'hold_broker' | 'release_broker' | 'close'
}

export type PlatformAnswer =
  | { ready: { url: string; brokerUrl: string } }
  | { id: number; value: unknown }
  | { id: number; error: string }

export type BrokerStats = Record<string, DispatcherStats>
