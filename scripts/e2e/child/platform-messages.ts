import type { PlatformOptions } from '../../local/platform/platform.ts'

/** The options of the platform that a test may set; as JSON. */
export type ChildOptions = Pick<PlatformOptions, 'dataDirectory' | 'processes' | 'real'> &
  Partial<Pick<PlatformOptions, 'idleMs' | 'overrides' | 'modelLatencyMs' | 'variant' | 'brokerUid'>>

export type Question = { id: number; ask: 'stats' | 'violations' | 'model_calls' | 'close' }

export type Answer =
  | { ready: { url: string; databaseUrl: string } }
  | { id: number; value: unknown }
  | { id: number; error: string }
