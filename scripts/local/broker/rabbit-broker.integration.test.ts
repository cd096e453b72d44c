import { describe } from 'vitest'
import { describeDelivery } from './testing/delivery-suite.ts'
import { describeIngress } from './testing/ingress-suite.ts'
import { startRabbitFlavour } from './testing/rabbit-flavour.ts'
import { describeRouting } from './testing/routing-suite.ts'

describe('over RabbitMQ', () => {
  describeIngress(startRabbitFlavour)
  describeRouting(startRabbitFlavour)
  describeDelivery(startRabbitFlavour)
})
