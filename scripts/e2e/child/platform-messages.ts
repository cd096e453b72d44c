import type { PlatformOptions } from '../../local/platform/platform.ts'

/** What a test may choose of the platform; as JSON. */
export type ChildOptions = Pick<PlatformOptions, 'dataDirectory' | 'processes' | 'real'> &
  Partial<Pick<PlatformOptions, 'idleMs' | 'overrides' | 'modelLatencyMs' | 'variant' | 'brokerUid'>>

export type Question = { id: number; ask: 'stats' | 'violations' | 'model_calls' | 'close' }

export type Answer =
  | { ready: { url: string; databaseUrl: string } }
  | { id: number; value: unknown }
  | { id: number; error: string }
