import { UnavailableError } from '../../../_lib/http/errors.ts'

/** A first-in, first-out semaphore over bytes of memory, which keeps concurrent work within the memory of the process. */
export type MemorySemaphore = {
  /**
   * Resolves when the bytes are free; a request above the total counts as the total. Release the same number.
   *
   * @throws UnavailableError when too many wait already
   * @throws the reason of the signal, when it aborts before
   */
  acquire: (bytes: number, signal?: AbortSignal) => Promise<void>
  release: (bytes: number) => void
  /** Registers a listener that is called while a caller waits, to release memory that is held without need. */
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
          // Smaller requests behind it may fit now.
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

/** Runs the work while it holds the bytes. */
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
