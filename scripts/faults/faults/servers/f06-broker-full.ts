import { pause } from '../../../lib/pause.ts'
import { findSlowSteps } from '../../actions/slow-steps.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const waysOfFailing = ['queue full', 'memory alarm', 'disk alarm'] as const
const lastsMs = 12_000
/** As in the configuration of these servers. */
const memoryOrdinary = '512MiB'
const diskFreeOrdinary = '50MiB'

export const f06: Fault = {
  id: 'F6',
  title: 'queue full, memory alarm, disk alarm',
  how: `for ${lastsMs / 1000} s each: a policy bounds every queue to one message and refuses the rest; the memory alarm of RabbitMQ stops all publishers; the disk alarm does; each once in every seed`,
  boundSeconds: 30,
  run: (context) => {
    const { world, inject } = context
    const { control } = world.rabbitmq
    const injections: Record<
      (typeof waysOfFailing)[number],
      [begin: () => Promise<unknown>, end: () => Promise<unknown>]
    > = {
      'queue full': [
        () =>
          control(
            ...['set_policy', '--apply-to', 'queues', 'full', '.*', '{"max-length":1,"overflow":"reject-publish"}'],
          ),
        () => control('clear_policy', 'full'),
      ],
      'memory alarm': [
        () => control('set_vm_memory_high_watermark', 'absolute', '1MiB'),
        () => control('set_vm_memory_high_watermark', 'absolute', memoryOrdinary),
      ],
      'disk alarm': [
        () => control('set_disk_free_limit', '100000GB'),
        () => control('set_disk_free_limit', diskFreeOrdinary),
      ],
    }
    return atMoments(context, waysOfFailing.length, async (nth) => {
      const way = waysOfFailing[nth] ?? 'queue full'
      const [begin, end] = injections[way]
      await inject(`RabbitMQ: ${way}`, async () => {
        try {
          await begin()
          await pause(lastsMs)
        } finally {
          await end()
        }
      })
    })
  },
  expectations: async (outcome, { world, note }) => {
    const [late] = await world.query<{ events: number }>(
      `select count(*)::integer as events from events.outbox where sent_at > created_at + interval '4 seconds'`,
    )
    note(`${late?.events ?? 0} events waited in the outbox for longer than 4 s`)
    return [
      ...findSlowSteps(outcome, ['complete'], 5_000),
      ...(late?.events === 0 ? ['the broker accepted everything, so it was never full'] : []),
    ]
  },
}
