import { expect, it } from 'vitest'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { type RelayReport, relay } from './relay.ts'

/** A relay whose clock advances by 10 ms with each batch. */
function arrange(batches: Partial<RelayReport>[]) {
  let batchesTaken = 0
  const deps = {
    relayBatch: async () => ({ sent: 0, failed: 0, parked: 0, ...batches[batchesTaken++] }),
    log: silentLog,
    nowMs: () => batchesTaken * 10,
    runMsMax: 1_000,
  }
  return { run: () => relay(deps), batchesTaken: () => batchesTaken }
}

it('publishes until nothing is due', async () => {
  const { run, batchesTaken } = arrange([{ sent: 50 }, { sent: 50 }, { sent: 7 }])
  expect(await run()).toEqual({ sent: 107, failed: 0, parked: 0 })
  expect(batchesTaken()).toBe(4)
})

it('stops when more of a batch fails than succeeds', async () => {
  const unavailable = arrange([{ failed: 50 }, { sent: 50 }])
  expect(await unavailable.run()).toMatchObject({ sent: 0, failed: 50 })
  const failing = arrange([{ sent: 24, failed: 26 }, { sent: 50 }])
  expect(await failing.run()).toMatchObject({ sent: 24, failed: 26 })
})

it('continues after one event that fails or is parked', async () => {
  const { run } = arrange([{ sent: 49, failed: 1 }, { sent: 49, parked: 1 }, { parked: 50 }, { sent: 3 }])
  expect(await run()).toMatchObject({ sent: 101, failed: 1, parked: 51 })
})

it('ends when its time is up', async () => {
  const { run, batchesTaken } = arrange(Array.from({ length: 1_000 }, () => ({ sent: 50 })))
  expect(await run()).toEqual({ sent: 5_000, failed: 0, parked: 0 })
  expect(batchesTaken()).toBe(100)
})
