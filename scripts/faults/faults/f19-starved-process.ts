import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Fault, FaultContext } from '../fault.ts'
import { atMoments } from '../moments.ts'
import { pause } from '../pause.ts'
import { killAt } from './kill-at.ts'

const run = promisify(execFile)
const withoutFilesMs = 8_000
const filesOrdinary = 65_536
const rounds = 3

export const f19: Fault = {
  id: 'F19',
  title: 'event loop blocked, out of files, out of memory',
  how: `the worker does nothing for 10 s in the middle of a call; the worker, then the API, can open no file or socket for ${withoutFilesMs / 1000} s (prlimit); the worker gets no more memory and dies of it; ${rounds} rounds in every seed`,
  boundSeconds: 90,
  excusedFailures: ['model_unavailable'],
  inject: (context) => {
    const ways = [
      () => killAt(context, 'analyze-blocked'),
      () => withoutFiles(context, 'waste-ai-analyze'),
      () => withoutFiles(context, 'waste-upload-complete'),
      () => withoutMemory(context, 'waste-ai-analyze'),
    ]
    return atMoments(context, ways.length * rounds, async (nth) => ways[nth % ways.length]?.())
  },
}

/** Lets a process open nothing more than it has open. */
async function withoutFiles({ world, injure }: FaultContext, name: string): Promise<void> {
  await injure(`no files for ${name}`, async () => {
    const processIds = await world.functions.processIdsOf(name)
    for (const processId of processIds) {
      const open = (await readdir(`/proc/${processId}/fd`).catch(() => [])).length
      await limit(processId, `--nofile=${open}:${filesOrdinary}`)
    }
    await pause(withoutFilesMs)
    for (const processId of processIds) await limit(processId, `--nofile=${filesOrdinary}:${filesOrdinary}`)
  })
}

/** The next allocation of a process fails, which ends it. */
async function withoutMemory({ world, injure }: FaultContext, name: string): Promise<void> {
  await injure(`no memory for ${name}`, async () => {
    for (const processId of await world.functions.processIdsOf(name)) await limit(processId, '--as=1048576:1048576')
  })
}

/** A process that has ended meanwhile needs no limit. */
async function limit(processId: number, option: string): Promise<void> {
  await run('prlimit', ['--pid', String(processId), option]).catch(() => undefined)
}
