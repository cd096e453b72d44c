import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export type MeasuredProcess = {
  processId: number
  port: number
  /** `performance.now()` immediately before the start. */
  startedMs: number
  stop: () => Promise<void>
}

const startTimeoutMs = 15_000

/** Starts a program and resolves as soon as it prints the port that it listens on. Its log is discarded. */
export async function startProcess(file: string, environment: Record<string, string>): Promise<MeasuredProcess> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [file], {
    env: { NODE_ENV: 'production', ...environment, PORT: '0', ANNOUNCE_PORT: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit').catch(() => undefined)
  let last = ''
  child.stderr.on('data', (text: Buffer) => {
    last = text.toString().slice(-2_000)
  })
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('it did not listen in time')), startTimeoutMs)
      void ended.then(() => reject(new Error(`it exited: ${last}`)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        const announced = /^listening on port (\d+)$/.exec(line)?.[1]
        if (announced === undefined) return
        clearTimeout(deadline)
        resolve(Number(announced))
      })
    })
    return { processId: child.pid as number, port, startedMs, stop }
  } catch (error) {
    await stop()
    throw new Error(`"${file}" did not start: ${(error as Error).message}`)
  }
}
