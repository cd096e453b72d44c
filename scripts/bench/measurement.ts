import type { Comparison } from './statistics.ts'

/** A value and its reference, measured in turns in the same run. */
export type Measurement = Comparison & { name: string; unit: string }

/** An experiment, which gives one or more measurements. */
export type Experiment = {
  /** Names of all its measurements. */
  names: readonly string[]
  /** Explains the value and the reference. */
  about: string
  run: (context: ExperimentContext) => Promise<Measurement[]>
}

export type ExperimentContext = {
  /** Requested names; the others need not be measured. */
  wanted: ReadonlySet<string>
  /** Empty folder for this run, removed at its end. */
  directory: string
  /** Adds a line that is printed below the table. */
  note: (line: string) => void
  report: (step: string) => void
}

export type Report = {
  machine: { cpu: string; cores: number; memory_mib: number; load: number; platform: string; node: string; at: string }
  measurements: Measurement[]
}
