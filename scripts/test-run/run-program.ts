import { spawn } from 'node:child_process'

export type ProgramOptions = {
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd: string
  signal: AbortSignal
}

const graceMs = 20_000

/**
 * Runs a program with the output of this one to its end, and resolves to its exit code or to the signal that ended it. When
 * the signal aborts, it is asked to end, and killed with all of its group when it does not.
 */
export async function runProgram(options: ProgramOptions): Promise<number | string> {
  const { command, args, env, cwd, signal } = options
  if (signal.aborted) return 'SIGTERM'
  // A group of its own: Ctrl-C is passed on once, and in the end nobody of the group is left.
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  const end = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // The group is gone already.
    }
  }
  let killing: NodeJS.Timeout | undefined
  const stop = () => {
    end('SIGTERM')
    killing = setTimeout(() => end('SIGKILL'), graceMs)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, endedBy) => resolve(endedBy ?? code ?? 1))
    })
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(killing)
    end('SIGTERM')
  }
}
