import { existsSync } from 'node:fs'
import { importJWK } from 'jose'
import { accessTokenLifetimeSeconds, signAccessToken } from '../../../../functions/_lib/access/access-token.ts'
import { pause } from '../../../lib/pause.ts'
import { until } from '../../../lib/until.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { between, pick } from '../../random.ts'
import { workerNames } from '../../world/analysis.ts'
import type { World } from '../../world/world.ts'

const jumpSeconds = 600
const jumpLastsMs = [4_000, 9_000] as const
/** Tolerance of a verifier, and what the steps of the check themselves take. */
const toleranceSeconds = 60
const startsWithinMs = 20_000
const otherTargets = [
  'events-relay',
  'broker',
  'waste-upload-complete',
  'waste-status',
  'auth-session',
  'waste-presign',
] as const

const library = ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime', '/usr/lib/faketime']
  .map((folder) => `${folder}/libfaketimeMT.so.1`)
  .find((file) => existsSync(file))

export const f13: Fault = {
  id: 'F13',
  title: 'clocks that jump',
  how: `the wall clock of one process at a time (each function of the analysis, ${otherTargets.join(', ')}) jumps ${jumpSeconds / 60} minutes ahead or back, and back again after ${jumpLastsMs[0] / 1000} to ${jumpLastsMs[1] / 1000} s (libfaketime); each ahead and back once in every seed`,
  // A person whose five places are taken by uploads that a wrong clock has signed waits for them to expire.
  boundSeconds: 60,
  world: {
    overrides: { REFRESHES_PER_MINUTE_MAX: '1000000' },
    processEnvironment: library
      ? { LD_PRELOAD: library, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
      : {},
  },
  run: async (context) => {
    if (!library) throw new Error('libfaketime is not installed (scripts/lib/ensure-servers.sh)')
    await mustMoveClocks(context)
    const targets = [...workerNames(context.world.analysis), ...otherTargets]
    await atMoments(context, 2 * targets.length, async (nth) => {
      const target = targets[nth % targets.length] ?? 'broker'
      // Ahead in the first round is back in the second.
      const round = Math.floor(nth / targets.length)
      const seconds = ((nth % targets.length) + round) % 2 === 0 ? jumpSeconds : -jumpSeconds
      await jump(context, target, seconds)
    })
  },
  expectations: async ({ effects, checked }, { world, note }) => {
    const [sessions] = await world.query<{ kept: number; ended: number }>(
      `select count(*) filter (where ended_at is null)::integer as kept,
         count(*) filter (where ended_at is not null)::integer as ended from auth.sessions_v1`,
    )
    note(`${sessions?.kept} sessions were kept`)
    const stolen = effects.jobs.filter(({ leases }) => leases > world.analysis.workers.length)
    return [
      ...(sessions?.ended ? [`${sessions.ended} sessions ended by a clock`] : []),
      ...(stolen.length > 0 ? [`${stolen.length} leases were taken before they had ended`] : []),
      ...(checked.modelCallsPerJob > 1
        ? [`the model was called ${checked.modelCallsPerJob.toFixed(3)} times a job, expected once`]
        : []),
    ]
  },
}

async function jump(context: FaultContext, target: string, seconds: number): Promise<void> {
  const { world, random, inject } = context
  const processId = await findProcess(context, target)
  await inject(`${target} ${seconds > 0 ? 'ahead' : 'back'}`, async () => {
    await world.failpoints.shiftClock(processId, seconds)
    await Promise.all([
      pause(between(random, ...jumpLastsMs)),
      target === 'waste-status' ? mustRefuseFarTokens(context, seconds) : undefined,
    ])
    await world.failpoints.shiftClock(processId, 0)
  })
}

/** One of the function's processes; a function without one gets a request, so that it starts. */
async function findProcess({ world, people }: FaultContext, target: string): Promise<number> {
  if (target === 'auth-session') await people[0]?.refresh()
  if (target === 'waste-status') await requestStatus(world, '')
  return until(
    `A process of ${target}`,
    async () => (target === 'broker' ? world.broker.processId() : (await world.functions.processIdsOf(target))[0]),
    startsWithinMs,
  )
}

/** The fault would pass without effect if the clock did not move. */
async function mustMoveClocks(context: FaultContext): Promise<void> {
  const { world, random, complain } = context
  const processId = await findProcess(context, 'waste-status')
  const [instance] = await world.functions.instancesOf('waste-status')
  const clockOf = async () => {
    const response = await fetch(`http://127.0.0.1:${instance?.port}/healthz`, { signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return Date.parse(response.headers.get('date') ?? '')
  }
  await world.failpoints.shiftClock(processId, pick(random, [-jumpSeconds, jumpSeconds]))
  await pause(1_500)
  const differsMs = Math.abs((await clockOf()) - Date.now())
  await world.failpoints.shiftClock(processId, 0)
  if (Math.abs(differsMs - jumpSeconds * 1000) > toleranceSeconds * 1000)
    complain(`a clock was moved by ${jumpSeconds} s and differs by ${Math.round(differsMs / 1000)} s`)
}

/** No verifier accepts a token that is older, or newer, than its wrong clock alone explains. */
async function mustRefuseFarTokens({ world, complain }: FaultContext, seconds: number): Promise<void> {
  const { signingKey } = await world.readSecrets()
  const privateKey = await importJWK(signingKey, 'ES256')
  const [session] = await world.query<{ userId: string; sessionId: string }>(
    'select user_id as "userId", session_id as "sessionId" from auth.sessions_v1 where ended_at is null limit 1',
  )
  if (privateKey instanceof Uint8Array || !session) return complain('there is no session to sign a token for')
  const farSeconds = seconds < 0 ? seconds - accessTokenLifetimeSeconds - toleranceSeconds : seconds + toleranceSeconds
  const issuedAt = new Date(Date.now() + farSeconds * 1000)
  const token = await signAccessToken({ kid: signingKey.kid ?? '', privateKey }, session, issuedAt)
  const status = await requestStatus(world, token)
  if (status !== 401) complain(`a token issued ${farSeconds} s from now was answered with ${status}, expected 401`)
}

async function requestStatus(world: World, token: string): Promise<number> {
  const response = await fetch(new URL('/api/v1/waste/status/0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d', world.url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  })
  await response.body?.cancel()
  return response.status
}
