import { setTimeout as sleep } from 'node:timers/promises'
import { createGrowbinClient, type Photo } from '../../local/demo/growbin-client.ts'
import type { History } from '../history/history.ts'
import { analyse, type GrowbinClient } from './analyse.ts'
import { drawPhoto } from './draw-photo.ts'

/** Progress of the load. */
export type Load = {
  jobs: number
  begun: () => number
  accepted: () => number
  isOver: () => boolean
  /** Resolves when so many analyses have begun, or when the load is over. */
  untilBegun: (count: number) => Promise<void>
  /** Begins no further analysis until `release`. Resolves when none is under way. */
  hold: () => Promise<void>
  release: () => void
  over: Promise<void>
}

export type LoadOptions = {
  people: readonly GrowbinClient[]
  jobs: number
  history: History
  random: () => number
  /** No analysis begins after this; `deadlineMs` by default, until which the clients wait for the end of one. */
  beginUntilMs?: number
  /** While true, more than `jobs` analyses are begun. */
  goOn?: () => boolean
  deadlineMs: number
  /** The people begin at random moments within this long; all at once by default. */
  arriveWithinMs?: number
  /** Drawn on demand by default, which takes processor time. */
  draw?: () => Promise<Photo>
}

/** Logs in this many people, a few at a time. */
export async function logInPeople(url: string, count: number, name: string): Promise<GrowbinClient[]> {
  const people: GrowbinClient[] = []
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const inTurn = async () => {
    for (const number of numbers) {
      const client = createGrowbinClient({ baseUrl: url })
      await client.login('kakao', `${name}-${number}`)
      people.push(client)
    }
  }
  await Promise.all([inTurn(), inTurn(), inTurn(), inTurn()])
  return people
}

/** Every person sends one photo after the other until all have been sent, and while `goOn` returns true. Begins at once. */
export function startLoad(options: LoadOptions): Load {
  const { people, jobs, history, random, deadlineMs, beginUntilMs = deadlineMs, goOn, arriveWithinMs = 0 } = options
  const draw = options.draw ?? (() => drawPhoto(random))
  let begun = 0
  let accepted = 0
  let isOver = false
  let running = 0
  let gate: PromiseWithResolvers<void> | undefined
  let onIdle: (() => void) | undefined
  let waiting: { count: number; resolve: () => void }[] = []
  const wake = () => {
    const ready = waiting.filter(({ count }) => isOver || begun >= count)
    waiting = waiting.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }
  const onAccepted = () => {
    accepted += 1
  }
  const work = async (client: GrowbinClient, clientNo: number) => {
    if (arriveWithinMs > 0) await sleep(random() * arriveWithinMs)
    for (;;) {
      await gate?.promise
      if ((begun >= jobs && !goOn?.()) || Date.now() >= beginUntilMs) return
      begun += 1
      running += 1
      wake()
      const photo = await draw()
      await analyse({ clientNo, client, photo, history, random, deadlineMs, onAccepted })
      running -= 1
      if (running === 0) onIdle?.()
    }
  }
  const over = Promise.all(people.map(work)).then(() => {
    isOver = true
    wake()
  })
  return {
    jobs,
    begun: () => begun,
    accepted: () => accepted,
    isOver: () => isOver,
    untilBegun: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve })
        wake()
      }),
    hold: async () => {
      gate ??= Promise.withResolvers<void>()
      if (running > 0) await new Promise<void>((resolve) => (onIdle = resolve))
    },
    release: () => {
      gate?.resolve()
      gate = undefined
    },
    over,
  }
}
