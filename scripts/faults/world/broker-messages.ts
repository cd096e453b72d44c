export type BrokerQuestion = { id: number; ask: 'stats' | 'violations' | 'roll' | 'close' }

export type BrokerAnswer = { ready: Record<string, string> } | { id: number; value: unknown }
