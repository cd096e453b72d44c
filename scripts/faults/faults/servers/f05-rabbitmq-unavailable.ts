import { pause } from '../../../lib/pause.ts'
import { findSlowSteps } from '../../actions/slow-steps.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { between } from '../../random.ts'

const waysOfFailing = ['stop', 'kill', 'cut', 'reset', 'black hole'] as const
const cutMs = [3_000, 10_000] as const

export const f05: Fault = {
  id: 'F5',
  title: 'RabbitMQ unavailable',
  how: 'RabbitMQ is stopped and started, killed and started, cut off from the broker for 3 to 10 s, has its connections reset, and falls silent for 3 to 10 s; each once in every seed',
  boundSeconds: 30,
  run: (context) => {
    const { world, random, inject } = context
    const { rabbitmq, network } = world
    const lastsMs = () => between(random, ...cutMs)
    const injections: Record<(typeof waysOfFailing)[number], () => Promise<void>> = {
      stop: async () => {
        await rabbitmq.stop()
        await rabbitmq.restart()
      },
      kill: async () => {
        await rabbitmq.kill()
        await rabbitmq.restart()
      },
      cut: async () => {
        network.rabbitmq.cut()
        await pause(lastsMs())
        network.rabbitmq.recover()
      },
      reset: async () => network.rabbitmq.reset(),
      'black hole': async () => {
        network.rabbitmq.set({ blackHole: true })
        await pause(lastsMs())
        network.rabbitmq.recover()
      },
    }
    return atMoments(context, waysOfFailing.length, async (nth) => {
      const way = waysOfFailing[nth] ?? 'cut'
      await inject(`RabbitMQ: ${way}`, injections[way])
    })
  },
  expectations: (outcome) => [
    ...findSlowSteps(outcome, ['complete'], 5_000),
    ...(outcome.entries.some(({ kind, type }) => kind === 'complete' && type === 'info')
      ? ['an upload could not be completed while RabbitMQ was unavailable']
      : []),
  ],
}
