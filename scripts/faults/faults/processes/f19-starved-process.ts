import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { pause } from '../../../lib/pause.ts'
import { until } from '../../../lib/until.ts'
import { killAt } from '../../actions/kill-at.ts'
import { othersMustLiveOn } from '../../actions/live-on.ts'
import { isAlive } from '../../actions/roll.ts'
import { blockMs } from '../../failpoints/rules.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import type { Worker } from '../../world/analysis.ts'
import type { World } from '../../world/world.ts'

const run = promisify(execFile)
const withoutFilesMs = 8_000
const roundsMin = 3
const diesWithinMs = 30_000
const replacedWithinMs = 30_000

export const f19: Fault = {
  id: 'F19',
  title: 'event loop blocked, out of files, out of memory',
  how: `the event loop of the function that calls the model is blocked for ${blockMs / 1000} s in the middle of a call; a function of the analysis, then the API, can open no file or socket for ${withoutFilesMs / 1000} s (prlimit); a function of the analysis gets no more memory, allocates, dies of it and is replaced; ${roundsMin} rounds in every seed, and each function of the analysis once at least; meanwhile every process of all other functions, and the broker, must live on (no process is stopped for idleness)`,
  boundSeconds: 90,
  excusedFailures: ['model_unavailable'],
  // No process is stopped for idleness, so a process that is gone was ended by something else.
  world: { idleMs: 3_600_000 },
  run: (context) => {
    const { workers, modelCaller } = context.world.analysis
    const ways: readonly ((worker: Worker) => Promise<void>)[] = [
      () => othersMustLiveOn(context, modelCaller, () => blocked(context)),
      ({ name }) => othersMustLiveOn(context, name, () => withoutFiles(context, name)),
      () => othersMustLiveOn(context, 'waste-upload-complete', () => withoutFiles(context, 'waste-upload-complete')),
      (worker) => othersMustLiveOn(context, worker.name, () => withoutMemory(context, worker)),
    ]
    return atMoments(context, ways.length * Math.max(roundsMin, workers.length), async (nth) => {
      const round = Math.floor(nth / ways.length)
      await ways[nth % ways.length]?.(workers[round % workers.length] ?? workers[0])
    })
  },
}

/** Returns when the process goes on, though recovery is measured from when it was blocked. */
async function blocked(context: FaultContext): Promise<void> {
  await killAt(context, 'analyze-blocked')
  await pause(blockMs)
}

/** Sets the limit of open files of each process to what it has open. */
async function withoutFiles({ world, inject, complain }: FaultContext, name: string): Promise<void> {
  await inject(`no files for ${name}`, async () => {
    const processIds = await world.functions.processIdsOf(name)
    if (processIds.length === 0) complain(`there was no process of ${name} to take the files from`)
    const before = new Map<number, string>()
    for (const processId of processIds) {
      const { stdout } = await run('prlimit', [...ofProcess(processId), '--nofile', '--output=SOFT', '--noheadings'])
      before.set(processId, stdout.trim())
      const open = (await readdir(`/proc/${processId}/fd`)).length
      await limit(processId, `--nofile=${open}:`)
    }
    await pause(withoutFilesMs)
    for (const [processId, files] of before) await limit(processId, `--nofile=${files}:`)
  })
}

/** An allocation of a process fails, which ends it; another process must replace it. */
async function withoutMemory({ world, inject, complain }: FaultContext, { name, outOfMemory }: Worker): Promise<void> {
  const starved = await until(`A process of ${name}`, () => findProcesses(world, name), replacedWithinMs)
  await inject(`no memory for ${name}`, async () => {
    for (const processId of starved) await limit(processId, '--as=1048576:')
    // Memory that it already has may last for long: the failpoint allocates more.
    await world.failpoints.arm(outOfMemory)
    const died = until(`The end of ${name}`, () => starved.some((processId) => !isAlive(processId)), diesWithinMs)
    await died.catch((error: Error) => complain(error.message))
    for (const processId of starved) await limit(processId, '--as=unlimited:')
  })
  const isReplaced = async () =>
    (await findProcesses(world, name))?.some((processId) => !starved.includes(processId) && isAlive(processId))
  await until(`Another process of ${name}`, isReplaced, replacedWithinMs).catch((error: Error) =>
    complain(error.message),
  )
}

async function findProcesses({ functions }: World, name: string): Promise<number[] | undefined> {
  const processIds = await functions.processIdsOf(name)
  return processIds.length > 0 ? processIds : undefined
}

const ofProcess = (processId: number) => ['--pid', String(processId)]

/** Only the soft limit, which can be restored. A process that has ended meanwhile needs none. */
async function limit(processId: number, option: `--${string}:`): Promise<void> {
  await run('prlimit', [...ofProcess(processId), option]).catch((error: Error) => {
    if (isAlive(processId)) throw error
  })
}
