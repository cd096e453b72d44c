import { pause } from '../../../lib/pause.ts'
import { findSlowSteps } from '../../actions/slow-steps.ts'
import type { Fault } from '../../fault.ts'
import { logInPeople } from '../../load/run-load.ts'
import { atMoments } from '../../moments.ts'
import { between } from '../../random.ts'

const waysOfFailing = ['stop', 'flush', 'kill', 'cut', 'flush', 'black hole'] as const

export const f07: Fault = {
  id: 'F7',
  title: 'Redis unavailable or empty',
  how: 'Redis is stopped for 3 to 8 s, emptied (twice), killed, cut off and silent for 3 to 8 s, each once in every seed; meanwhile a new person logs in',
  boundSeconds: 10,
  run: (context) => {
    const { world, random, inject, complain } = context
    const { redis, network } = world
    const lasting = async (work: () => Promise<unknown>) => {
      const ms = between(random, 3_000, 8_000)
      await Promise.all([work(), pause(ms)])
    }
    let strangers = 0
    const logIn = async () => {
      strangers += 1
      await logInPeople(world.url, 1, `stranger-${random()}-${strangers}`).catch((error: Error) =>
        complain(`A login failed while Redis was unavailable: ${error.message}`),
      )
    }
    const injections: Record<(typeof waysOfFailing)[number], () => Promise<void>> = {
      stop: async () => {
        await redis.stop()
        await lasting(logIn)
        await redis.restart()
      },
      flush: async () => world.flushRedis(),
      kill: async () => {
        await redis.kill()
        await lasting(logIn)
        await redis.restart()
      },
      cut: async () => {
        network.redis.cut()
        await lasting(logIn)
        network.redis.recover()
      },
      'black hole': async () => {
        network.redis.set({ blackHole: true })
        await lasting(logIn)
        network.redis.recover()
      },
    }
    return atMoments(context, waysOfFailing.length, async (nth) => {
      const way = waysOfFailing[nth] ?? 'flush'
      await inject(`Redis: ${way}`, injections[way])
    })
  },
  expectations: (outcome) => [
    ...findSlowSteps(outcome, ['open', 'complete'], 5_000),
    ...(outcome.entries.some(({ kind, type }) => (kind === 'open' || kind === 'complete') && type === 'info')
      ? ['a client was refused while Redis was unavailable']
      : []),
  ],
}
