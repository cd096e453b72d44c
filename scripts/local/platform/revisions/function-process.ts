import { dirname } from 'node:path'
import type { Environment } from '../../../../functions/_lib/process/config.ts'
import { spawnTied, type TiedProcess } from '../../servers/spawn-tied.ts'
import { weighCpu } from './cpu-weight.ts'

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
  /** What it asks for of a processor, in thousandths; its weight when the processors are busy. Full weight by default. */
  cpuMillis?: number
  /** Takes each line that the function logs. */
  writeLog: (line: string) => void
}

const startTimeoutMs = 15_000
const stopTimeoutMs = 10_000

/** Starts a bundled function as a process, and resolves when it listens. Throws when it ends or says nothing before that. */
export async function startFunctionProcess(options: FunctionProcessOptions): Promise<FunctionProcess> {
  const { promise: port, resolve: onPort } = Promise.withResolvers<number>()
  // Tied: when the platform is killed, its functions end too.
  const tied = await spawnTied({
    command: process.execPath,
    args: ['--enable-source-maps', options.bundlePath],
    // As in functions/Dockerfile.
    env: { MALLOC_ARENA_MAX: '2', ...options.environment, PORT: '0', ANNOUNCE_PORT: 'true' },
    directory: dirname(options.bundlePath),
    stopSignal: 'SIGTERM',
    stopTimeoutMs,
    log: (line) => {
      const announced = /^listening on port (\d+)$/.exec(line)?.[1]
      if (announced === undefined) options.writeLog(line)
      else onPort(Number(announced))
    },
  })
  if (options.cpuMillis !== undefined) await weighCpu(tied.pid, options.cpuMillis)
  try {
    return {
      processId: tied.pid,
      port: await beforeDeadline(port, tied),
      ended: tied.exited.then(({ code }) => ({ clean: code === 0 })),
      stop: (graceMs) => stop(tied, graceMs),
    }
  } catch (error) {
    await tied.kill()
    const lastLines = tied.lastLines().join('\n')
    throw new Error(`"${options.bundlePath}" did not start: ${(error as Error).message}\n${lastLines}`)
  }
}

async function beforeDeadline(port: Promise<number>, tied: TiedProcess): Promise<number> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const deadline = setTimeout(() => reject(new Error('it did not listen in time')), startTimeoutMs)
  const ended = tied.exited.then(() => {
    throw new Error('it ended at once')
  })
  try {
    return await Promise.race([port, late, ended])
  } finally {
    clearTimeout(deadline)
    // The end of a function that started well is no failure to start.
    ended.catch(() => undefined)
  }
}

async function stop(tied: TiedProcess, graceMs: number): Promise<void> {
  const deadline = setTimeout(() => void tied.kill(), graceMs)
  await tied.stop()
  clearTimeout(deadline)
}
