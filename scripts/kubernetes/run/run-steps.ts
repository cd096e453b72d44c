import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../settings.ts'
import { fileOf, findStamp, removeStamp, writeStamp } from './stamp.ts'
import type { Step } from './step.ts'

export type RunStepsOptions = {
  settings: Pick<Settings, 'cache' | 'state' | 'logs'>
  /** The command that a person repeats after a failure. */
  command: string
  print: (line: string) => void
  now: () => Date
}

export class StepError extends Error {
  override name = 'StepError'
}

const linesOfLog = 15

/**
 * Runs the steps in order and skips those that are done. Throws a `StepError` whose message names the step that failed, with the last
 * lines of its log and how to go on.
 */
export async function runSteps(steps: readonly Step[], options: RunStepsOptions): Promise<void> {
  const { settings, print, now } = options
  const startedMs = now().getTime()
  for (const [index, step] of steps.entries()) {
    const label = `[${String(index + 1).padStart(2)}/${steps.length}] ${step.name}`
    const stamp = fileOf(settings, step)
    const done = step.kept === 'never' ? undefined : await findStamp(stamp, step.version)
    if (done && (await step.isThere())) {
      print(`${label}: already done (took ${done.seconds} s)`)
      continue
    }
    const log = join(settings.logs, `${step.name.replaceAll(/[^\w-]+/g, '-')}.log`)
    print(`${label} ...`)
    const stepStartedMs = now().getTime()
    const secondsSince = (ms: number) => Math.round((now().getTime() - ms) / 100) / 10
    try {
      await removeStamp(stamp)
      await rm(log, { force: true })
      const outcome = await step.run(log)
      const seconds = secondsSince(stepStartedMs)
      if (step.kept !== 'never') {
        await writeStamp(stamp, { version: step.version, finished_at: now().toISOString(), seconds })
      }
      print(`${label}: ${seconds} s${outcome ? `, ${outcome}` : ''}`)
    } catch (error) {
      throw new StepError(await explain(error as Error, step.name, log, options.command, secondsSince(stepStartedMs)))
    }
  }
  print(`${options.command}: ${Math.round((now().getTime() - startedMs) / 1000)} s in all`)
}

async function explain(error: Error, name: string, log: string, command: string, seconds: number): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '')
  const lines = text.trimEnd().split('\n').slice(-linesOfLog).filter(Boolean)
  return [
    `The step "${name}" failed after ${seconds} s: ${error.message}`,
    ...(lines.length > 0 ? [`Last lines of its log (${log}):`, ...lines.map((line) => `  ${line}`)] : []),
    `What was done is kept: "${command}" goes on with this step. "./scripts/cluster down" removes the cluster.`,
  ].join('\n')
}
