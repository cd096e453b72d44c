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
 * Runs a program with the output of this process; resolves to its exit code, or to the signal that terminated it. When `signal`
 * aborts, the program gets SIGTERM, and its whole process group is killed if it does not exit.
 */
export async function runProgram(options: ProgramOptions): Promise<number | string> {
  const { command, args, env, cwd, signal } = options
  if (signal.aborted) return 'SIGTERM'
  // A separate process group, so that Ctrl-C is forwarded once and no process of the group is left at the end.
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  const end = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // The group has already exited.
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
