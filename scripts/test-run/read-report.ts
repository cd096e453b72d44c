import { relative } from 'node:path'
import * as z from 'zod'

/** The parts of vitest's JSON report that this reads. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']),
        }),
      ),
    }),
  ),
})

export type StageResult = {
  stage: string
  passed: number
  /** One line per failure. */
  failures: string[]
  /** Skipped tests. */
  skipped: { name: string; why: string }[]
  durationMs: number
}

export type ReportInput = {
  stage: string
  /** The JSON report; undefined when vitest wrote none. */
  text: string | undefined
  /** The exit code of vitest, or the signal that terminated it. */
  ended: number | string
  root: string
  durationMs: number
}

const whyOf = { todo: 'still to be written', skipped: 'skipped by itself' } as const

/** Counts one run of vitest. A failed run without a failed test is a failure too. */
export function readReport({ stage, text, ended, root, durationMs }: ReportInput): StageResult {
  const result: StageResult = { stage, passed: 0, failures: [], skipped: [], durationMs }
  const files = text === undefined ? [] : reportSchema.parse(JSON.parse(text)).testResults
  for (const file of files) {
    const path = relative(root, file.name)
    const failuresBefore = result.failures.length
    for (const { fullName, status } of file.assertionResults) {
      const name = `${path} > ${fullName}`
      if (status === 'passed') result.passed += 1
      else if (status === 'failed') result.failures.push(name)
      else result.skipped.push({ name, why: status === 'todo' ? whyOf.todo : whyOf.skipped })
    }
    // A file that cannot be loaded, or whose set-up fails, has no failed test.
    if (file.status === 'failed' && result.failures.length === failuresBefore) {
      result.failures.push(`${path}: ${file.message?.split('\n')[0] || 'the file failed outside of its tests'}`)
    }
  }
  if (ended !== 0 && result.failures.length === 0) {
    result.failures.push(`vitest ended with ${ended} although no test failed (an error outside the tests)`)
  } else if (ended === 0 && result.passed + result.skipped.length === 0) {
    result.failures.push('vitest ran no test')
  }
  return result
}
