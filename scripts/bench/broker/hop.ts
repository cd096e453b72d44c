import { toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { createPoster, type Post } from '../../local/broker/dispatch/http-post.ts'
import type { Measurement } from '../measurement.ts'
import { compare, quantile } from '../statistics.ts'
import { benchSignatures, newEvent, newMessage, type OneQueue, openOneQueue } from './one-queue.ts'
import { type CalledSubscriber, startSubscriber } from './subscriber.ts'

const name = 'hop'
const eventsOfBlock = 100
const blocks = 9
/** Events at the start of a block that are not measured, since connections are still opening. */
const unmeasured = 20
const timeoutMs = 10_000

export const namesOfHop = ['hop-latency-p50', 'hop-latency-p95', 'hop-signature'] as const

/** Measures the time from posting an event to the ingress until the function is called, one event at a time. */
export async function measureHop(amqpUrl: string, report: (step: string) => void): Promise<Measurement[]> {
  const resources = createResources()
  try {
    const subscriber = resources.add(await startSubscriber())
    const queue = await openOneQueue(amqpUrl, name, subscriber.url)
    resources.add(queue.bare)
    const pairs: { value: number[]; reference: number[] }[] = []
    const signatures: { value: number; reference: number }[] = []
    for (let block = 1; block <= blocks; block += 1) {
      report(`hop, block ${block} of ${blocks}`)
      const messages = Array.from({ length: unmeasured + eventsOfBlock }, () => newMessage(name))
      const reference = (await queue.bare.roundTrips(messages)).slice(unmeasured)
      const value = (await hopAll(queue, subscriber)).slice(unmeasured)
      pairs.push({ reference, value })
      signatures.push({ value: signAndVerify(), reference: quantile(value, 0.5) })
    }
    const at = (share: number) =>
      pairs.map(({ value, reference }) => ({ value: quantile(value, share), reference: quantile(reference, share) }))
    return [
      { name: 'hop-latency-p50', unit: 'ms', ...compare(at(0.5)) },
      { name: 'hop-latency-p95', unit: 'ms', ...compare(at(0.95)) },
      { name: 'hop-signature', unit: 'ms', ...compare(signatures) },
    ]
  } finally {
    await resources.close()
  }
}

/** The cost of the signature of one event in milliseconds: signing and verifying it. */
function signAndVerify(): number {
  const events = Array.from({ length: unmeasured + eventsOfBlock }, () => newEvent(name))
  const durationsMs = events.map((event) => {
    const startedMs = performance.now()
    if (benchSignatures.verify(benchSignatures.sign(event)) !== 'valid') throw new Error('A signature is not valid')
    return performance.now() - startedMs
  })
  return quantile(durationsMs.slice(unmeasured), 0.5)
}

async function hopAll(queue: OneQueue, subscriber: CalledSubscriber): Promise<number[]> {
  const broker = await queue.startBroker()
  const poster = createPoster()
  const post = poster.to(broker.address)
  const durationsMs: number[] = []
  for (let n = 0; n < unmeasured + eventsOfBlock; n += 1) durationsMs.push(await hop(post, subscriber))
  poster.close()
  await broker.close()
  return durationsMs
}

async function hop(post: Post, subscriber: CalledSubscriber): Promise<number> {
  const { headers, body } = toBinaryMessage(newEvent(name))
  const called = subscriber.nextCall()
  const startedMs = performance.now()
  const outcome = await post({ headers, body: Buffer.from(body), timeoutMs, signal: new AbortController().signal })
  if (outcome.kind === 'failed' || outcome.status !== 202) throw new Error('The ingress did not take an event')
  return (await called) - startedMs
}
