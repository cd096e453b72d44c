/** Where pods of one kind may run. */
export type Place =
  /** On nodes with this value of the label `workload`. */
  | { workload: string }
  /** One on each node. */
  | 'every node'
  /** On any node without a taint. */
  | 'untainted'

/** Pods of one kind, with what each requests, all containers together. */
export type PodLoad = {
  name: string
  /** Instances at minimum and at maximum scale. */
  count: { min: number; max: number }
  cpuMillis: number
  memoryMiB: number
  memoryLimitMiB: number
  place: Place
}
