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
  /** For load that the fault itself makes: the checker checks it like the rest. */
  history: History
  /** Injects something and notes when it began and when it recovered, which is when `work` resolves. */
  inject: (what: string, work: () => Promise<void>) => Promise<void>
  /** Reports a problem that the fault itself saw. */
  complain: (problem: string) => void
  /** Adds a remark to the figures. */
  note: (text: string) => void
  /** No injection should begin after this, so that the run ends. */
  endMs: number
}

/** What the clients and the database report after all jobs have ended. */
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
  /** What is injected, how often, and what differs from production. */
  how: string
  /** Recovery: 99 of 100 affected jobs end within this long after the injection is over. */
  boundSeconds: number
  /** Failure reasons that the fault itself causes. Any other failure of an accepted job is a violation. */
  excusedFailures?: readonly string[]
  /** Needs its own world: processes with other variables, or a fault that leaves traces. */
  world?: WorldOptions
  /** How many people send photos at the same time; 32 by default. */
  people?: number
  /** Before the load begins. */
  prepare?: (context: FaultContext) => Promise<void>
  /** While the load runs. Must leave the system intact. */
  run: (context: FaultContext) => Promise<void>
  /** After all jobs have ended: what else must be true. Returns one sentence for each expectation that does not hold. */
  expectations?: (outcome: FaultOutcome, context: FaultContext) => string[] | Promise<string[]>
}
