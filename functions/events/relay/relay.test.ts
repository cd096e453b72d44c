import { expect, it } from 'vitest'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { type RelayReport, relay } from './relay.ts'

/** A relay whose clock passes by 10 ms with each batch. */
function arrange(batches: Partial<RelayReport>[]) {
  let asked = 0
  const deps = {
    relayBatch: async () => ({ sent: 0, failed: 0, parked: 0, ...batches[asked++] }),
    log: silentLog,
    nowMs: () => asked * 10,
    runMsMax: 1_000,
  }
  return { run: () => relay(deps), asked: () => asked }
}

it('publishes until nothing is due', async () => {
  const { run, asked } = arrange([{ sent: 50 }, { sent: 50 }, { sent: 7 }])
  expect(await run()).toEqual({ sent: 107, failed: 0, parked: 0 })
  expect(asked()).toBe(4)
})

it('stops when the broker takes less than it refuses', async () => {
  const away = arrange([{ failed: 50 }, { sent: 50 }])
  expect(await away.run()).toMatchObject({ sent: 0, failed: 50 })
  const failing = arrange([{ sent: 24, failed: 26 }, { sent: 50 }])
  expect(await failing.run()).toMatchObject({ sent: 24, failed: 26 })
})

it('goes on behind one event that fails, or is parked', async () => {
  const { run } = arrange([{ sent: 49, failed: 1 }, { sent: 49, parked: 1 }, { parked: 50 }, { sent: 3 }])
  expect(await run()).toMatchObject({ sent: 101, failed: 1, parked: 51 })
})

it('ends when its time is up', async () => {
  const { run, asked } = arrange(Array.from({ length: 1_000 }, () => ({ sent: 50 })))
  expect(await run()).toEqual({ sent: 5_000, failed: 0, parked: 0 })
  expect(asked()).toBe(100)
})
