import type { PlatformOptions } from '../../local/platform/platform.ts'

/** The options of the platform that a test may set; as JSON. */
export type ChildOptions = Pick<PlatformOptions, 'dataDirectory' | 'processes' | 'real'> &
  Partial<Pick<PlatformOptions, 'idleMs' | 'overrides' | 'modelLatencyMs' | 'variant' | 'brokerUid'>>

export type ChildReady = { url: string; databaseUrl: string }

export type Question = 'stats' | 'violations' | 'model_calls'
