import { setTimeout } from 'node:timers/promises'
import { S3Error, type S3ErrorCode } from './http/s3-error.ts'

export type Fault = {
  /** Status of the error response; without it a request is only delayed. */
  status?: number
  /** Share of the requests that the fault affects, 0 to 1; 1 by default. */
  rate?: number
  delayMs?: number
  /** S3 names such as `PutObject`; all by default. */
  operations?: string[]
}
export type FaultControl = {
  /** Replaces the current fault. */
  set: (fault: Fault) => void
  clear: () => void
}

const codeByStatus: Record<number, S3ErrorCode> = {
  403: 'AccessDenied',
  404: 'NoSuchKey',
  500: 'InternalError',
  503: 'SlowDown',
}

export function createFaults(random: () => number) {
  let fault: Fault | undefined
  const control: FaultControl = {
    set: (next) => {
      const { status = 500, rate = 1, delayMs = 0 } = next
      if (!(status >= 400 && status <= 599)) throw new Error(`Fault status "${status}" is not from 400 to 599`)
      if (!(rate >= 0 && rate <= 1)) throw new Error(`Fault rate "${rate}" is not from 0 to 1`)
      if (!(delayMs >= 0)) throw new Error(`Fault delay "${delayMs}" is not a number of milliseconds`)
      fault = next
    },
    clear: () => {
      fault = undefined
    },
  }
  return {
    control,
    /** Delays the request and throws an S3Error when the current fault affects it. */
    apply: async (operation: string, signal: AbortSignal): Promise<void> => {
      const current = fault
      if (!current || (current.operations && !current.operations.includes(operation))) return
      if (random() >= (current.rate ?? 1)) return
      if (current.delayMs) await setTimeout(current.delayMs, undefined, { signal })
      if (current.status === undefined) return
      throw new S3Error(codeByStatus[current.status] ?? 'InternalError', 'An injected fault.', {
        status: current.status,
      })
    },
  }
}
