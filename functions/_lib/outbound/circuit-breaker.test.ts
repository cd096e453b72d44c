import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createCircuitBreaker } from './circuit-breaker.pg.ts'
import { type Admitted, admitCall, type CircuitState, settleCall } from './circuit-breaker.ts'
import type { CircuitBreaker, OutboundService } from './outbound-call.ts'

const limits = { callsPerSecond: 2, callsAtOnceMax: 5, probeSeconds: 10 }
const fresh: CircuitState = {
  tokens: 5,
  refilledAt: 1_000,
  pausedUntil: null,
  windowBeganAt: 1_000,
  succeeded: 0,
  failed: 0,
  openUntil: null,
  openings: 0,
  probeNo: 0,
  probeUntil: null,
}
const call: Admitted = { kind: 'admitted', probeNo: undefined }
const failed = { kind: 'failed' } as const
const answered = { kind: 'answered' } as const

describe('the bucket', () => {
  it('admits its capacity at once, and then as many a second as it is refilled', () => {
    let state = fresh
    const at = (now: number) => {
      const decided = admitCall(state, limits, now)
      state = decided.state
      return decided.admission
    }
    for (let count = 0; count < 5; count += 1) expect(at(1_000).kind).toBe('admitted')
    expect(at(1_000)).toEqual({ kind: 'refused', reason: 'no_token', waitSeconds: 0.5 })
    expect(at(1_000.25)).toEqual({ kind: 'refused', reason: 'no_token', waitSeconds: 0.25 })
    expect(at(1_000.5).kind).toBe('admitted')
    expect(at(1_000.5).kind).toBe('refused')
    // After any time without calls.
    for (let count = 0; count < 5; count += 1) expect(at(9_000).kind).toBe('admitted')
    expect(at(9_000).kind).toBe('refused')
  })

  it('admits nothing more for a clock that went backwards', () => {
    const { admission, state } = admitCall({ ...fresh, tokens: 0 }, limits, 400)
    expect(admission.kind).toBe('refused')
    expect(state.tokens).toBe(0)
  })
})

describe('a pause', () => {
  it('refuses every call until it is over, and is never shortened by a later answer', () => {
    const long = settleCall(fresh, call, { kind: 'throttled', pauseSeconds: 60 }, 1_000)
    const both = settleCall(long, call, { kind: 'throttled', pauseSeconds: 5 }, 1_001)
    expect(admitCall(both, limits, 1_030).admission).toEqual({ kind: 'refused', reason: 'paused', waitSeconds: 30 })
    expect(admitCall(both, limits, 1_060.1).admission.kind).toBe('admitted')
  })

  it('is no failure: it opens no circuit', () => {
    let state = fresh
    for (let count = 0; count < 50; count += 1) {
      state = settleCall(state, call, { kind: 'throttled', pauseSeconds: 1 }, 1_000)
    }
    expect(state.openUntil).toBeNull()
  })
})

describe('the circuit', () => {
  const settleAll = (outcomes: readonly (typeof failed | typeof answered)[], from = fresh, now = 1_000) =>
    outcomes.reduce((state, outcome) => settleCall(state, call, outcome, now), from)
  const down = settleAll(Array(8).fill(failed))

  it('opens when half of at least eight calls of a minute failed', () => {
    expect(settleAll(Array(7).fill(failed)).openUntil).toBeNull()
    expect(down.openUntil).toBe(1_015)
    expect(settleAll([...Array(5).fill(answered), ...Array(4).fill(failed)]).openUntil).toBeNull()
    expect(settleAll([...Array(5).fill(answered), ...Array(5).fill(failed)]).openUntil).toBe(1_015)
    expect(settleAll([failed], settleAll(Array(7).fill(failed)), 1_061).openUntil).toBeNull()
  })

  it('admits one probe when its time is over, and another only when that one is lost', () => {
    expect(admitCall(down, limits, 1_014).admission).toEqual({
      kind: 'refused',
      reason: 'circuit_open',
      waitSeconds: 1,
    })
    const probe = admitCall(down, limits, 1_015)
    expect(probe.admission).toEqual({ kind: 'admitted', probeNo: 1 })
    expect(admitCall(probe.state, limits, 1_016).admission).toEqual({
      kind: 'refused',
      reason: 'circuit_open',
      waitSeconds: 9,
    })
    expect(admitCall(probe.state, limits, 1_025).admission).toEqual({ kind: 'admitted', probeNo: 2 })
  })

  it('closes for a probe that is answered, and opens for twice as long for one that fails', () => {
    const { state } = admitCall(down, limits, 1_015)
    const probe: Admitted = { kind: 'admitted', probeNo: 1 }
    const closed = settleCall(state, probe, answered, 1_016)
    expect(closed).toMatchObject({ openUntil: null, openings: 0, succeeded: 1, failed: 0 })
    const reopened = settleCall(state, probe, failed, 1_016)
    expect(reopened).toMatchObject({ openUntil: 1_046, openings: 2 })
    let state2 = reopened
    for (let count = 2; count < 12; count += 1) {
      const next = admitCall(state2, limits, (state2.openUntil ?? 0) + 1)
      state2 = settleCall(next.state, next.admission as Admitted, failed, next.state.refilledAt)
    }
    expect((state2.openUntil ?? 0) - state2.refilledAt).toBe(300)
  })

  it('ignores calls from before it opened and a probe that counts as lost', () => {
    expect(settleCall(down, call, answered, 1_001)).toEqual(down)
    const first = admitCall(down, limits, 1_015).state
    const second = admitCall(first, limits, 1_026).state
    expect(settleCall(second, { kind: 'admitted', probeNo: 1 }, answered, 1_027)).toEqual(second)
  })

  it('admits another probe after the pause, when a probe was throttled', () => {
    const { state } = admitCall(down, limits, 1_015)
    const paused = settleCall(state, { kind: 'admitted', probeNo: 1 }, { kind: 'throttled', pauseSeconds: 3 }, 1_016)
    expect(admitCall(paused, limits, 1_017).admission).toMatchObject({ reason: 'paused' })
    expect(admitCall(paused, limits, 1_020).admission).toEqual({ kind: 'admitted', probeNo: 2 })
  })
})

describe('in PostgreSQL', () => {
  let database: TestDatabase
  let breakers: CircuitBreaker[]
  beforeAll(async () => {
    database = await createTestDatabase()
    breakers = Array.from({ length: 4 }, () => createCircuitBreaker(database.openAs('events')))
  })
  afterAll(() => database?.close())

  const serviceOf = (name: string, callsPerSecond = 0.001): OutboundService => ({
    name,
    limits: { callsPerSecond, callsAtOnceMax: 10, probeSeconds: 10 },
    timeoutMs: 1_000,
    maxAttempts: 1,
  })
  const breakerOf = (index: number) => breakers[index % breakers.length] as CircuitBreaker

  it('four workers together never take more than the bucket holds, also for a service without any call before', async () => {
    const service = serviceOf('shared')
    const admissions = await Promise.all(Array.from({ length: 40 }, (_, index) => breakerOf(index).admit(service)))
    expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(10)
    expect(admissions.find(({ kind }) => kind === 'refused')).toMatchObject({ reason: 'no_token' })
  })

  it('a pause and an open circuit that one worker has learnt of hold for all, and one of all may probe', async () => {
    const service = serviceOf('learnt')
    const admission = (await breakerOf(0).admit(service)) as Admitted
    await breakerOf(0).settle(service, admission, { kind: 'throttled', pauseSeconds: 30 })
    expect(await breakerOf(1).admit(service)).toMatchObject({ kind: 'refused', reason: 'paused' })
    await database.query(`update events.outbound_services set paused_until = now() where service = 'learnt'`)
    for (let count = 0; count < 7; count += 1) {
      expect(await breakerOf(count).settle(service, admission, failed)).toEqual({ wasOpen: false, isOpen: false })
    }
    expect(await breakerOf(3).settle(service, admission, failed)).toEqual({ wasOpen: false, isOpen: true })
    expect(await breakerOf(1).admit(service)).toMatchObject({ kind: 'refused', reason: 'circuit_open' })
    await database.query(
      `update events.outbound_services set open_until = now() - interval '1 second' where service = 'learnt'`,
    )
    const probes = await Promise.all(Array.from({ length: 12 }, (_, index) => breakerOf(index).admit(service)))
    const admitted = probes.filter((one) => one.kind === 'admitted')
    expect(admitted).toEqual([{ kind: 'admitted', probeNo: 1 }])
    expect(await breakerOf(2).settle(service, admitted[0] as Admitted, answered)).toEqual({
      wasOpen: true,
      isOpen: false,
    })
    expect(await breakerOf(0).admit(service)).toEqual({ kind: 'admitted', probeNo: undefined })
  })

  it('keeps services apart', async () => {
    for (let count = 0; count < 10; count += 1) await breakerOf(0).admit(serviceOf('one'))
    expect((await breakerOf(0).admit(serviceOf('one'))).kind).toBe('refused')
    expect((await breakerOf(0).admit(serviceOf('two'))).kind).toBe('admitted')
  })
})
