import { describe } from 'vitest'
import { startMemoryBroker } from './memory-broker.ts'
import { describeBroker } from './testing/broker-suite.ts'

describe('in memory', () => {
  describeBroker((topology, options) => startMemoryBroker({ topology, ...options }))
})
