import { expect, it } from 'vitest'
import type { LogFields } from '../../_lib/process/log.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { type RedriveBatch, type RedriveDeps, redrive } from './redrive.ts'

const stalled: RedriveBatch = { redriven: 0, failed: 0, more: false }

/** A run whose clock advances by `stepMs` with each batch. */
function arrange(kinds: Record<string, (nth: number) => RedriveBatch>, stepMs = 10) {
  let nowMs = 0
  const called: string[] = []
  const errors: [string, LogFields | undefined][] = []
  const redriveBatch: Record<string, () => Promise<RedriveBatch>> = {}
  for (const [kind, batch] of Object.entries(kinds)) {
    redriveBatch[kind] = async () => {
      nowMs += stepMs
      called.push(kind)
      return batch(called.filter((each) => each === kind).length)
    }
  }
  const deps: RedriveDeps = {
    redriveBatch,
    log: { ...silentLog, error: (message: string, fields?: LogFields) => void errors.push([message, fields]) },
    nowMs: () => nowMs,
    runMsMax: 1_000,
  }
  return { run: () => redrive(deps), called, errors, spentMs: () => nowMs }
}

it('redrives each kind of work until nothing of it is stalled', async () => {
  const { run, called } = arrange({
    jobs: (nth) => ({ redriven: 200, failed: 1, more: nth < 3 }),
    deletions: () => ({ ...stalled, redriven: 2 }),
  })
  expect(await run()).toEqual({ redriven: 602, failed: 3 })
  expect(called).toEqual(['jobs', 'jobs', 'jobs', 'deletions'])
})

it('ends when its time is up', async () => {
  const { run, spentMs } = arrange({ jobs: () => ({ redriven: 200, failed: 0, more: true }), deletions: () => stalled })
  expect(await run()).toEqual({ redriven: 20_000, failed: 0 })
  expect(spentMs()).toBe(1_000)
})

it('redrives the other kinds although one fails, logs which, and fails afterwards', async () => {
  const broken = new Error('no such table')
  const { run, called, errors } = arrange({
    jobs: () => {
      throw broken
    },
    deletions: () => ({ ...stalled, redriven: 1 }),
  })
  await expect(run()).rejects.toMatchObject({ errors: [broken] })
  expect(called).toEqual(['jobs', 'deletions'])
  expect(errors).toEqual([['Stalled work could not be redriven', { error: broken, kind: 'jobs' }]])
})
