import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * The shell becomes the server (so the child's pid is the server's), and leaves a watcher that waits at the pipe:
 * when the pipe ends without a word, the process that held it is dead, even by SIGKILL, and the watcher stops the server.
 */
const WATCHED_EXEC = `
signal=$1 grace_s=$2; shift 2
exec 3<&0
(
  trap '' HUP INT TERM
  if ! read -r _ <&3; then
    kill -s "$signal" $$
    waited_s=0
    while [ "$waited_s" -lt "$grace_s" ] && kill -0 $$; do sleep 1; waited_s=$((waited_s + 1)); done
    kill -0 $$ && kill -s KILL $$
  fi
) </dev/null >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`

export type TiedProcessOptions = {
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  directory: string
  /** The signal that makes the server stop cleanly. */
  stopSignal: 'SIGTERM' | 'SIGINT'
  /** How long a stop may take before the server is killed. */
  stopTimeoutMs: number
  /** Receives each line the server writes. */
  log: (line: string) => void
  uid?: number
  gid?: number
}

/** A server that ends when this process ends, even by SIGKILL. */
export type TiedProcess = {
  pid: number
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  isRunning: () => boolean
  /** The last lines that it wrote, for errors. */
  lastLines: () => readonly string[]
  stop: () => Promise<void>
  kill: () => Promise<void>
}

const KEPT_LINES = 20

export async function spawnTied(options: TiedProcessOptions): Promise<TiedProcess> {
  const { command, args, env, directory, stopSignal, stopTimeoutMs, log, uid, gid } = options
  const graceSeconds = Math.ceil(stopTimeoutMs / 1000)
  const child = spawn(
    '/bin/sh',
    ['-c', WATCHED_EXEC, 'watched', stopSignal.slice(3), String(graceSeconds), command, ...args],
    {
      env,
      cwd: directory,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Its own process group: Ctrl-C must reach this process, which still needs the server to drain, and not the server.
      detached: true,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    },
  )
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
      log(line)
    })
  // The watcher may have ended already.
  child.stdin.on('error', () => undefined)
  const exited = new Promise<Awaited<TiedProcess['exited']>>((resolve) => {
    child.once('exit', (code, signal) => {
      child.stdin.end('stopped\n')
      resolve({ code, signal })
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  return { exited, isRunning: () => isRunning(child), lastLines: () => lines, pid: child.pid ?? 0, ...enders() }

  function enders(): Pick<TiedProcess, 'stop' | 'kill'> {
    async function kill() {
      if (isRunning(child)) child.kill('SIGKILL')
      await exited
    }
    return {
      kill,
      async stop() {
        if (isRunning(child)) child.kill(stopSignal)
        const timer = setTimeout(kill, stopTimeoutMs)
        await exited
        clearTimeout(timer)
      },
    }
  }
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null
