import { describe } from 'vitest'
import { describeBinding } from './testing/binding-suite.ts'
import { describeDelivery } from './testing/delivery-suite.ts'
import { describeIngress } from './testing/ingress-suite.ts'
import { startRabbitFlavour } from './testing/rabbit-flavour.ts'
import { describeRouting } from './testing/routing-suite.ts'

describe('over RabbitMQ', () => {
  describeBinding(startRabbitFlavour)
  describeIngress(startRabbitFlavour)
  describeRouting(startRabbitFlavour)
  describeDelivery(startRabbitFlavour)
})
