import { UnavailableError } from '../../../_lib/http/errors.ts'

/** Bytes of memory that are shared out in order of asking, so that work at once stays within what the process has. */
export type MemorySemaphore = {
  /**
   * Resolves when the bytes are free; more than there are altogether count as all of them. Give the same number back.
   *
   * @throws UnavailableError when too many wait already
   * @throws the reason of the signal, when it aborts before
   */
  acquire: (bytes: number, signal?: AbortSignal) => Promise<void>
  release: (bytes: number) => void
  /** Called whenever somebody has to wait: what is held without need should be given back. */
  onContention: (listener: () => void) => void
}

type Waiting = { bytes: number; enter: () => void }

export function createMemorySemaphore(options: { bytes: number; waitingMax: number }): MemorySemaphore {
  const waiting: Waiting[] = []
  const listeners: (() => void)[] = []
  let free = options.bytes

  const admit = () => {
    for (let next = waiting[0]; next && next.bytes <= free; next = waiting[0]) {
      waiting.shift()
      free -= next.bytes
      next.enter()
    }
    if (waiting.length > 0) for (const listener of listeners) listener()
  }
  const counted = (bytes: number) => Math.min(bytes, options.bytes)

  return {
    acquire: async (bytes, signal) => {
      signal?.throwIfAborted()
      if (waiting.length >= options.waitingMax) {
        throw new UnavailableError('memory', `${waiting.length} photos wait for memory already`)
      }
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1)
          reject(signal?.reason)
          // It may have kept smaller ones behind it from entering.
          admit()
        }
        const entry: Waiting = {
          bytes: counted(bytes),
          enter: () => {
            signal?.removeEventListener('abort', leave)
            resolve()
          },
        }
        waiting.push(entry)
        signal?.addEventListener('abort', leave, { once: true })
        admit()
      })
    },
    release: (bytes) => {
      free += counted(bytes)
      admit()
    },
    onContention: (listener) => {
      listeners.push(listener)
    },
  }
}

/** Does the work while it holds the bytes. */
export async function withMemory<T>(
  memory: MemorySemaphore,
  bytes: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await memory.acquire(bytes, signal)
  try {
    return await work()
  } finally {
    memory.release(bytes)
  }
}
