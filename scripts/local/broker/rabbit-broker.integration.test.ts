import { describe } from 'vitest'
import { describeBroker } from './testing/broker-suite.ts'
import { startRabbitFlavour } from './testing/rabbit-flavour.ts'

describe('over RabbitMQ', () => {
  describeBroker(startRabbitFlavour)
})
