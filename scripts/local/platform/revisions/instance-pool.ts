import type { FunctionProcess } from './function-process.ts'

export type Instance = { process: FunctionProcess; inFlight: number; idleSinceMs: number }

export type Acquired =
  | { kind: 'acquired'; instance: Instance }
  /** The queue is full, or the pool is closing. */
  | { kind: 'full' }
  /** No instance was free in time. */
  | { kind: 'timed_out' }
  | { kind: 'did_not_start' }
  /** The caller went away while waiting. */
  | { kind: 'left' }

export type InstancePoolOptions = {
  /** Requests at once in one instance; 0 means no limit. */
  concurrency: number
  instancesMax: number
  queueLengthMax: number
  /** An instance without a request for this long is stopped. */
  idleMs: number
  graceMs: number
  startProcess: () => Promise<FunctionProcess>
  log: (message: string, fields: object) => void
}

export type InstancePool = {
  /** Takes a place in an instance, starting one if need be. Give it back with `release`. */
  acquire: (waitMs: number, left: AbortSignal) => Promise<Acquired>
  release: (instance: Instance) => void
  /** Sends nothing more to an instance that is going away, which ends by itself. */
  retire: (instance: Instance) => void
  instances: () => Instance[]
  /** Refuses whoever waits, and stops every instance. */
  close: () => Promise<void>
}

type Waiting = { settle: (outcome: Acquired) => void }

// Knative's soft target for a revision without a hard limit: 100, of which 70 per cent are used.
const softConcurrency = 70

/** Starts instances on demand, hands out places in them in the order of asking, and stops those that are idle. */
export function createInstancePool(options: InstancePoolOptions): InstancePool {
  const hardLimit = options.concurrency > 0
  const concurrency = hardLimit ? options.concurrency : softConcurrency
  const instances = new Set<Instance>()
  const stopping = new Set<Promise<void>>()
  const waiting: Waiting[] = []
  let starting = 0
  let closing = false

  const findFreest = () => {
    const free = [...instances].filter((instance) => !hardLimit || instance.inFlight < concurrency)
    return free.sort((a, b) => a.inFlight - b.inFlight)[0]
  }

  const handOut = () => {
    for (let instance = findFreest(); instance && waiting.length > 0; instance = findFreest()) {
      instance.inFlight += 1
      waiting.shift()?.settle({ kind: 'acquired', instance })
    }
  }

  const scaleUp = () => {
    if (closing) return
    const busy = [...instances].reduce((sum, instance) => sum + instance.inFlight, 0)
    const wanted = Math.min(options.instancesMax, Math.ceil((busy + waiting.length) / concurrency))
    while (instances.size + starting < wanted) {
      starting += 1
      void startInstance()
    }
  }

  const startInstance = async () => {
    const startedMs = performance.now()
    const process = await options.startProcess().catch((error: Error) => {
      options.log('instance did not start', { reason: error.message })
      return undefined
    })
    starting -= 1
    if (!process) {
      // Whoever waits gets an answer rather than a hope; the next request tries again.
      if (instances.size + starting === 0) refuseAll({ kind: 'did_not_start' })
      return
    }
    if (closing) return stopProcess(process)
    const instance = { process, inFlight: 0, idleSinceMs: Date.now() }
    instances.add(instance)
    const startMs = Math.round(performance.now() - startedMs)
    options.log('instance started', { process_id: process.processId, start_ms: startMs })
    void process.ended.then(() => retire(instance))
    handOut()
    scaleUp()
  }

  const retire = (instance: Instance) => {
    if (!instances.delete(instance)) return
    handOut()
    scaleUp()
  }

  const stopProcess = (process: FunctionProcess) => {
    const stopped = process.stop(options.graceMs).finally(() => stopping.delete(stopped))
    stopping.add(stopped)
  }

  const refuseAll = (outcome: Acquired) => {
    for (const each of waiting.splice(0)) each.settle(outcome)
  }

  const reaper = setInterval(
    () => {
      for (const instance of instances) {
        if (instance.inFlight > 0 || Date.now() - instance.idleSinceMs < options.idleMs) continue
        instances.delete(instance)
        options.log('instance stopped, idle', { process_id: instance.process.processId })
        stopProcess(instance.process)
      }
    },
    Math.min(1_000, options.idleMs),
  )

  return {
    acquire: (waitMs, left) => {
      if (closing || waiting.length >= options.queueLengthMax) return Promise.resolve({ kind: 'full' })
      return new Promise((resolve) => {
        const settle = (outcome: Acquired) => {
          clearTimeout(deadline)
          left.removeEventListener('abort', leave)
          const place = waiting.indexOf(entry)
          if (place >= 0) waiting.splice(place, 1)
          resolve(outcome)
        }
        const entry = { settle }
        const leave = () => settle({ kind: 'left' })
        const deadline = setTimeout(() => settle({ kind: 'timed_out' }), waitMs)
        left.addEventListener('abort', leave, { once: true })
        waiting.push(entry)
        handOut()
        scaleUp()
      })
    },
    release: (instance) => {
      instance.inFlight -= 1
      instance.idleSinceMs = Date.now()
      handOut()
      scaleUp()
    },
    retire,
    instances: () => [...instances],
    close: async () => {
      closing = true
      clearInterval(reaper)
      refuseAll({ kind: 'full' })
      for (const instance of instances) stopProcess(instance.process)
      await Promise.all(stopping)
    },
  }
}
