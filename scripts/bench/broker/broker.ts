import { startRealRabbitmq } from '../../local/servers/real-rabbitmq.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { measureHop, namesOfHop } from './hop.ts'
import { parallelism } from './one-queue.ts'
import { eventsOfRound, measureThroughput } from './throughput.ts'

const functions = ['empty', 'noting'] as const

/** Measures our broker on a real RabbitMQ, beside amqplib alone on the same queue. */
export function createBroker(): Experiment {
  return {
    names: [...functions.map((name) => `broker-throughput-${name}`), ...namesOfHop],
    about:
      `broker: ${eventsOfRound} events that wait in a quorum queue, delivered by HTTP to one function process, ${parallelism} at once, and ` +
      'acknowledged; "empty" parses and verifies each event, "noting" also writes an inbox row in a transaction. Reference: consume ' +
      'and acknowledge with amqplib from the same queue. hop: one event at a time, from the post to the ingress until the ' +
      'function is called. Reference: amqplib, from a publish with confirm until the message is consumed. hop-signature: to sign ' +
      'an event and to check it. Reference: the hop.',
    run: measure,
  }
}

async function measure(context: ExperimentContext): Promise<Measurement[]> {
  context.report('starting RabbitMQ')
  const rabbitmq = await startRealRabbitmq().catch(() => undefined)
  if (!rabbitmq) {
    context.note('not measured, since no RabbitMQ is installed')
    return []
  }
  try {
    const measurements: Measurement[] = []
    for (const name of functions) {
      if (!context.wanted.has(`broker-throughput-${name}`)) continue
      measurements.push(await measureThroughput(name, rabbitmq.url, context))
    }
    if (namesOfHop.some((name) => context.wanted.has(name))) {
      measurements.push(...(await measureHop(rabbitmq.url, context.report)))
    }
    return measurements
  } finally {
    await rabbitmq.close()
  }
}
