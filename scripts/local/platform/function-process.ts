import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Environment } from '../../../functions/_lib/config.ts'

export type FunctionProcess = {
  processId: number
  port: number
  /** Resolves when the process has ended; `clean` when it did so by itself, with exit code 0. */
  ended: Promise<{ clean: boolean }>
  /** SIGTERM, and SIGKILL when it has not drained in time. */
  stop: (graceMs: number) => Promise<void>
}

export type FunctionProcessOptions = {
  bundlePath: string
  environment: Environment
  /** Takes each line that the function logs. */
  writeLog: (line: string) => void
}

const startTimeoutMs = 15_000

/** Starts a bundled function as a process, and resolves when it listens. Throws when it ends or says nothing before that. */
export async function startFunctionProcess(options: FunctionProcessOptions): Promise<FunctionProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', options.bundlePath], {
    env: { ...options.environment, PORT: '0', ANNOUNCE_PORT: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<{ clean: boolean }>((resolve) => {
    child.once('exit', (code) => resolve({ clean: code === 0 }))
    child.once('error', () => resolve({ clean: false }))
  })
  const lastLines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line)
    if (lastLines.length > 20) lastLines.shift()
    options.writeLog(line)
  })
  try {
    const port = await announcedPort(child, ended, options.writeLog)
    return {
      processId: child.pid ?? 0,
      port,
      ended,
      stop: (graceMs) => stop(child, ended, graceMs),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`"${options.bundlePath}" did not start: ${(error as Error).message}\n${lastLines.join('\n')}`)
  }
}

function announcedPort(
  child: ChildProcess,
  ended: FunctionProcess['ended'],
  writeLog: (line: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('it did not listen in time')), startTimeoutMs)
    void ended.then(() => reject(new Error('it ended at once')))
    if (!child.stdout) return reject(new Error('it has no standard output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /^listening on port (\d+)$/.exec(line)?.[1]
      if (port === undefined) return writeLog(line)
      clearTimeout(deadline)
      resolve(Number(port))
    })
  })
}

async function stop(child: ChildProcess, ended: FunctionProcess['ended'], graceMs: number): Promise<void> {
  child.kill('SIGTERM')
  const deadline = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(deadline)
}
