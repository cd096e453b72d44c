import { randomUUID } from 'node:crypto'
import { batchAnalyticsDailyV1 } from '../../../functions/_contracts/events/batch-analytics-daily.v1.ts'
import { toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import { createEvent } from '../../../functions/_lib/events/event-contract.ts'
import type { SignEvent } from '../../../functions/_lib/events/event-signature.ts'
import { continueTrace } from '../../../functions/_lib/events/trace.ts'
import { createPoster } from '../../local/broker/dispatch/http-post.ts'

const dayMs = 86_400_000
const firstDay = Date.parse('2020-01-01T00:00:00Z')
const days = 2_000
const postsAtOnce = 16
const timeoutMs = 30_000

/** Posts `count` commands to count a day again, like a faulty backfill. Throws when one is not accepted. */
export async function postFlood(brokerUrl: string, count: number, sign: SignEvent): Promise<void> {
  const poster = createPoster()
  const post = poster.to(brokerUrl)
  const { signal } = new AbortController()
  const numbers = Array.from({ length: count }, (_, n) => n).values()
  const postInTurns = async () => {
    for (const n of numbers) {
      const { headers, body } = toBinaryMessage(sign(orderOf(n)))
      const outcome = await post({ headers, body: Buffer.from(body), timeoutMs, signal })
      if (outcome.kind === 'failed' || outcome.status !== 202) throw new Error('The ingress did not take an event')
    }
  }
  await Promise.all(Array.from({ length: postsAtOnce }, postInTurns))
  poster.close()
}

function orderOf(n: number) {
  const day = new Date(firstDay + (n % days) * dayMs).toISOString().slice(0, 10)
  return createEvent(
    batchAnalyticsDailyV1,
    {
      id: randomUUID(),
      source: '/growbin/bench',
      subject: day,
      time: new Date(),
      traceparent: continueTrace(undefined),
    },
    { from: day, to: day, again: true },
  )
}
