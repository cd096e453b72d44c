import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type LoadOptions = {
  port: number
  path: string
  headers: Record<string, string>
  connections: number
  durationMs: number
  /** A shorter body is an error. */
  bodyBytesMin: number
}

export type Load = {
  requests: number
  requestsPerSecond: number
  latencyP50Ms: number
  latencyP95Ms: number
  latencyP99Ms: number
  /** Length of one body, with the framing of its chunks; the same for every answer of a run. */
  bodyBytes: number
}

/** Generates load from a separate process. Throws when an answer is not 200, is too short, or differs in length from the others. */
export async function runLoad(options: LoadOptions): Promise<Load> {
  const child = fork(join(import.meta.dirname, 'generate-load.ts'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let last = ''
  child.stderr?.on('data', (text: Buffer) => {
    last = `${last}${text}`.slice(-2_000)
  })
  const deadline = setTimeout(() => child.kill('SIGKILL'), options.durationMs + 15_000)
  try {
    child.send(options)
    const answered = new Promise<Load>((resolve) => child.once('message', (load) => resolve(load as Load)))
    const load = await Promise.race([answered, once(child, 'exit').then(() => undefined)])
    if (!load) throw new Error(`The load on port ${options.port} ended early: ${last}`)
    return load
  } finally {
    clearTimeout(deadline)
    child.kill('SIGKILL')
  }
}
