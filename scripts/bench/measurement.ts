import type { Comparison } from './statistics.ts'

/** One figure beside the reference it was measured with, in turns, in the same run. */
export type Measurement = Comparison & { name: string; unit: string }

/** What measures something. One experiment may give several measurements. */
export type Experiment = {
  /** Of all measurements that it can make. */
  names: readonly string[]
  /** What the value and the reference are. */
  about: string
  run: (context: ExperimentContext) => Promise<Measurement[]>
}

export type ExperimentContext = {
  /** Names that are asked for; the others need not be measured. */
  wanted: ReadonlySet<string>
  /** Empty folder of this run, removed at its end. */
  directory: string
  /** Takes a line to be printed below the table. */
  note: (line: string) => void
  report: (step: string) => void
}

export type Report = {
  machine: { cpu: string; cores: number; memory_mib: number; load: number; platform: string; node: string; at: string }
  measurements: Measurement[]
}
