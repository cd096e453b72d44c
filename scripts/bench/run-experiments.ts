import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Experiment, Measurement } from './measurement.ts'
import { selectNames } from './select-names.ts'

export type RunOptions = {
  /** Runs only measurements whose name begins with this. */
  only?: string | undefined
  report: (step: string) => void
}

/** Runs the selected experiments one after the other, each in its own folder. */
export async function runExperiments(
  experiments: readonly Experiment[],
  options: RunOptions,
): Promise<{ measurements: Measurement[]; notes: string[] }> {
  const wanted = selectNames(
    experiments.flatMap(({ names }) => names),
    options.only,
  )
  const measurements: Measurement[] = []
  const notes: string[] = []
  for (const experiment of experiments) {
    if (!experiment.names.some((name) => wanted.has(name))) continue
    const directory = await mkdtemp(join(tmpdir(), 'growbin-bench-'))
    try {
      // PostgreSQL does not run as root and needs access to the folder.
      await chmod(directory, 0o711)
      notes.push(experiment.about)
      const made = await experiment.run({
        wanted,
        directory,
        note: (line) => notes.push(`  ${line}`),
        report: options.report,
      })
      measurements.push(...made.filter(({ name }) => wanted.has(name)))
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
  return { measurements, notes }
}
