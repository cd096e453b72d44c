import { describe } from 'vitest'
import { startMemoryBroker } from './memory-broker.ts'
import { describeBinding } from './testing/binding-suite.ts'
import { describeDelivery } from './testing/delivery-suite.ts'
import type { StartFlavour } from './testing/flavour.ts'
import { describeIngress } from './testing/ingress-suite.ts'
import { describeRouting } from './testing/routing-suite.ts'

const start: StartFlavour = (topology, options) => startMemoryBroker({ topology, ...options })

describe('in memory', () => {
  describeBinding(start)
  describeIngress(start)
  describeRouting(start)
  describeDelivery(start)
})
