/** One function as it runs here: its address does not change, whether something runs behind it or not. */
export type Revision = {
  name: string
  /** Port of this machine under which the function is reached. */
  port: number
  /** Instances that run at this moment. */
  instances: () => RunningInstance[]
  close: () => Promise<void>
}

export type RunningInstance = { processId: number | undefined; port: number; requestsInFlight: number }
