import { expect, it } from 'vitest'
import { silentLog } from '../../../scripts/local/testing/silent-log.ts'
import { type RelayBatch, type RelayDeps, relay } from './relay.ts'

const nothing: RelayBatch = { sent: 0, failed: 0, parked: 0 }

/** A relay whose clock passes by `stepMs` with each batch and each redrive. */
function arrange(batches: Partial<RelayBatch>[], redrive: RelayDeps['redrive'], stepMs = 10) {
  let nowMs = 0
  let asked = 0
  const pass = <T>(answer: T): T => {
    nowMs += stepMs
    return answer
  }
  const deps: RelayDeps = {
    relayBatch: async () => pass({ ...nothing, ...batches[asked++] }),
    redrive: async () => pass(await redrive()),
    log: silentLog,
    nowMs: () => nowMs,
    runMsMax: 1_000,
  }
  return { run: () => relay(deps), asked: () => asked, spentMs: () => nowMs }
}
const quiet = async () => ({ redriven: 0, failed: 0, more: false })

it('publishes until nothing is due', async () => {
  const { run, asked } = arrange([{ sent: 50 }, { sent: 50 }, { sent: 7 }], quiet)
  expect(await run()).toEqual({ sent: 107, failed: 0, parked: 0, redriven: 0, jobsFailed: 0 })
  expect(asked()).toBe(4)
})

it('stops when the broker takes less than it refuses', async () => {
  const away = arrange([{ failed: 50 }, { sent: 50 }], quiet)
  expect(await away.run()).toMatchObject({ sent: 0, failed: 50 })
  const failing = arrange([{ sent: 24, failed: 26 }, { sent: 50 }], quiet)
  expect(await failing.run()).toMatchObject({ sent: 24, failed: 26 })
})

it('goes on behind one event that fails, or is parked', async () => {
  const { run } = arrange([{ sent: 49, failed: 1 }, { sent: 49, parked: 1 }, { parked: 50 }, { sent: 3 }], quiet)
  expect(await run()).toMatchObject({ sent: 101, failed: 1, parked: 51 })
})

it('ends when its time is up, and leaves half of it for publishing', async () => {
  const { run, spentMs } = arrange(
    Array.from({ length: 1_000 }, () => ({ sent: 50 })),
    async () => ({ redriven: 200, failed: 1, more: true }),
  )
  expect(await run()).toEqual({ sent: 2_500, failed: 0, parked: 0, redriven: 10_000, jobsFailed: 50 })
  expect(spentMs()).toBe(1_000)
})

it('publishes although the redrive fails, and fails afterwards', async () => {
  const broken = new Error('no such table')
  const { run, asked } = arrange([{ sent: 50 }], () => Promise.reject(broken))
  await expect(run()).rejects.toBe(broken)
  expect(asked()).toBe(2)
})
