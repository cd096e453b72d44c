import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { MemorySemaphore } from '../memory-semaphore.ts'
import type { HeicRequest, HeicResponse } from './heic.worker.ts'
import type { Pixels } from './shrink-pixels.ts'

export type HeicDecoded =
  | { kind: 'decoded'; pixels: Pixels }
  /** The file is not a picture, or has crashed the decoder. */
  | { kind: 'broken' }
  | { kind: 'too_big' }

export type HeicDecoder = {
  /**
   * Decodes the primary picture upright, in a thread of its own.
   *
   * @throws Error when it takes too long or the decoder does not start, which may be the fault of the machine
   * @throws the reason of the signal, when it aborts before
   */
  decode: (request: Omit<HeicRequest, 'heapBytesMax'>, heapBytes: number, signal?: AbortSignal) => Promise<HeicDecoded>
  close: () => Promise<void>
}

export type HeicDecoderOptions = {
  memory: MemorySemaphore
  timeoutMs: number
  /** The least reservation for a photo, which the idle thread keeps. */
  heapBytesMin: number
  /** An idle thread ends after this time. */
  idleMs?: number
  /** Default: a thread that runs libheif. */
  createWorker?: () => Worker
}

type Thread = { worker: Worker; ready: Promise<void>; end: () => Promise<void> }

const idleMsDefault = 10_000
const startTimeoutMs = 10_000
// The heap of JavaScript only; the thread itself limits the memory of WebAssembly.
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }

/**
 * Decodes HEIC with libheif in WebAssembly, off the event loop: the libvips of sharp has no decoder for HEVC, the default
 * of phones. Starts a thread with the first photo. Keeps it for the next one while its memory is small, since compiling
 * libheif again costs more than a photo; any error ends it.
 */
export function openHeicDecoder(options: HeicDecoderOptions): HeicDecoder {
  const { memory, timeoutMs, heapBytesMin, idleMs = idleMsDefault, createWorker = createHeicWorker } = options
  const threads = new Set<Thread>()
  let idle: { thread: Thread; timer: NodeJS.Timeout } | undefined

  const start = (): Thread => {
    const worker = createWorker()
    const thread: Thread = {
      worker,
      ready: firstAnswer(worker).then(() => undefined),
      end: async () => {
        await worker.terminate()
        threads.delete(thread)
      },
    }
    thread.ready.catch(() => undefined)
    threads.add(thread)
    return thread
  }
  const takeIdle = (): Thread | undefined => {
    const thread = idle?.thread
    clearTimeout(idle?.timer)
    idle = undefined
    thread?.worker.ref()
    return thread
  }
  const endIdle = async () => {
    const thread = takeIdle()
    if (!thread) return
    await thread.end()
    memory.release(heapBytesMin)
  }
  memory.onContention(() => void endIdle())

  return {
    decode: async (request, heapBytes, signal) => {
      const reserved = Math.max(heapBytes, heapBytesMin)
      // The photo takes over the reservation of the idle thread.
      let thread = reserved === heapBytesMin ? takeIdle() : undefined
      if (!thread) await memory.acquire(reserved, signal)
      thread ??= start()
      let kept = 0
      try {
        await withDeadline(thread.ready, startTimeoutMs, 'The decoder for HEIC did not start', signal)
        const answer = firstAnswer(thread.worker).catch((): HeicResponse => ({ kind: 'broken' }))
        thread.worker.postMessage({ ...request, heapBytesMax: reserved } satisfies HeicRequest)
        const answered = await withDeadline(answer, timeoutMs, 'Decoding the image took too long', signal)
        if (answered.heapBytes !== undefined && answered.heapBytes <= heapBytesMin && !idle) {
          kept = heapBytesMin
          thread.worker.unref()
          idle = { thread, timer: setTimeout(() => void endIdle(), idleMs).unref() }
        }
        if (answered.kind === 'decoded') return { kind: 'decoded', pixels: answered.pixels }
        return { kind: answered.kind === 'too_big' ? 'too_big' : 'broken' }
      } finally {
        if (!kept) await thread.end()
        memory.release(reserved - kept)
      }
    },
    close: async () => {
      clearTimeout(idle?.timer)
      await Promise.all([...threads].map((thread) => thread.end()))
    },
  }
}

function createHeicWorker(): Worker {
  const url = new URL('./heic.worker.ts', import.meta.url)
  // Discards what libheif writes to the console about broken files.
  const worker = new Worker(url, { resourceLimits, stdout: true, stderr: true })
  worker.stdout.resume()
  worker.stderr.resume()
  return worker
}

/** The next message of a worker; rejects when the worker ends first. */
function firstAnswer(worker: Worker): Promise<HeicResponse> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      settle()
    }
    const onMessage = (answer: HeicResponse) => done(() => resolve(answer))
    const onError = (error: unknown) => done(() => reject(error))
    const onExit = (code: number) => done(() => reject(new Error(`The decoder ended with ${code}`)))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}

async function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  message: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted()
  const over = new AbortController()
  const deadline = sleep(timeoutMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(message)
  })
  deadline.catch(() => undefined)
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal })
  })
  try {
    return await Promise.race([work, deadline, aborted])
  } finally {
    over.abort()
  }
}
