import type { Checked } from './history/check-history.ts'
import type { Effects, History, HistoryEntry, Injection } from './history/history.ts'
import type { GrowbinClient } from './load/analyse.ts'
import type { Load } from './load/run-load.ts'
import type { World, WorldOptions } from './world/world.ts'

export type FaultContext = {
  world: World
  /** Of this seed: the same numbers in every run. */
  random: () => number
  load: Load
  people: readonly GrowbinClient[]
  /** For a load of the fault's own: what it sends is checked like the rest. */
  history: History
  /** Does something to the system and notes when it began and when it was over, which is when `work` resolves. */
  inject: (what: string, work: () => Promise<void>) => Promise<void>
  /** For what the fault itself saw go wrong. */
  complain: (problem: string) => void
  /** For what is worth telling beside the figures. */
  note: (text: string) => void
  /** No injection should begin after this, so that the run comes to an end. */
  endMs: number
}

/** What the clients and the database tell after everything has come to its end. */
export type FaultOutcome = {
  checked: Checked
  entries: readonly HistoryEntry[]
  effects: Effects
  injections: readonly Injection[]
}

export type Fault = {
  /** As in the table of the suite, `F1`. */
  id: string
  title: string
  /** What is done, how often, and whatever differs from production. */
  how: string
  /** Recovery: 99 of 100 jobs that were met end within this long after the injection is over. */
  boundSeconds: number
  /** Failure reasons that the fault brings about by itself. Any other failure of an accepted job is a violation. */
  excusedFailures?: readonly string[]
  /** Needs a world of its own: processes with other variables, or a fault that leaves traces. */
  world?: WorldOptions
  /** The people who send photos at once; 32 unless told. */
  people?: number
  /** Before the load begins. */
  prepare?: (context: FaultContext) => Promise<void>
  /** While the load runs. Must leave the system sound. */
  run: (context: FaultContext) => Promise<void>
  /** After everything has come to its end: what else must be true. Gives one sentence for each thing that is not. */
  expectations?: (outcome: FaultOutcome, context: FaultContext) => string[] | Promise<string[]>
}
