import { expect, it } from 'vitest'
import type { LogFields } from '../../_lib/process/log.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { type RedriveBatch, type RedriveDeps, redrive } from './redrive.ts'

const quiet: RedriveBatch = { redriven: 0, failed: 0, more: false }

/** A run whose clock passes by `stepMs` with each batch. */
function arrange(kinds: Record<string, (asked: number) => RedriveBatch>, stepMs = 10) {
  let nowMs = 0
  const asked: string[] = []
  const errors: [string, LogFields | undefined][] = []
  const redriveBatch: Record<string, () => Promise<RedriveBatch>> = {}
  for (const [kind, batch] of Object.entries(kinds)) {
    redriveBatch[kind] = async () => {
      nowMs += stepMs
      asked.push(kind)
      return batch(asked.filter((each) => each === kind).length)
    }
  }
  const deps: RedriveDeps = {
    redriveBatch,
    log: { ...silentLog, error: (message: string, fields?: LogFields) => void errors.push([message, fields]) },
    nowMs: () => nowMs,
    runMsMax: 1_000,
  }
  return { run: () => redrive(deps), asked, errors, spentMs: () => nowMs }
}

it('takes each kind of work until nothing of it is quiet', async () => {
  const { run, asked } = arrange({
    jobs: (nth) => ({ redriven: 200, failed: 1, more: nth < 3 }),
    deletions: () => ({ ...quiet, redriven: 2 }),
  })
  expect(await run()).toEqual({ redriven: 602, failed: 3 })
  expect(asked).toEqual(['jobs', 'jobs', 'jobs', 'deletions'])
})

it('ends when its time is up', async () => {
  const { run, spentMs } = arrange({ jobs: () => ({ redriven: 200, failed: 0, more: true }), deletions: () => quiet })
  expect(await run()).toEqual({ redriven: 20_000, failed: 0 })
  expect(spentMs()).toBe(1_000)
})

it('takes the other kinds although one fails, says which, and fails afterwards', async () => {
  const broken = new Error('no such table')
  const { run, asked, errors } = arrange({
    jobs: () => {
      throw broken
    },
    deletions: () => ({ ...quiet, redriven: 1 }),
  })
  await expect(run()).rejects.toMatchObject({ errors: [broken] })
  expect(asked).toEqual(['jobs', 'deletions'])
  expect(errors).toEqual([['Quiet work could not be redriven', { error: broken, kind: 'jobs' }]])
})
