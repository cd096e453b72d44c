import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { FunctionSpec } from '../process/function-spec.ts'
import { listen, type StartFunction } from '../process/serve.ts'
import { testEventKeys } from './test-event-keys.ts'

const functionsFolder = resolve(import.meta.dirname, '../..')

/** The folder of the function `<domain>-<operation>`, as an absolute path. */
function folderOf(name: string): string {
  const hyphen = name.indexOf('-')
  return join(functionsFolder, name.slice(0, hyphen), name.slice(hyphen + 1))
}

/** Imports the default export of the `function.ts` of `<domain>-<operation>`. Throws when there is none. */
export async function importSpec(name: string): Promise<FunctionSpec> {
  const url = pathToFileURL(join(folderOf(name), 'function.ts')).href
  return ((await import(url)) as { default: FunctionSpec }).default
}

export type RunningFunction = { url: string; close: () => Promise<void> }

/** Serves a function in this process, on a free port and without a log. It signs and verifies events with the test keys. */
export async function runFunction(
  start: StartFunction,
  environment: Readonly<Record<string, string>>,
): Promise<RunningFunction> {
  const instance = await start({ EVENT_KEYS: testEventKeys, ...environment, LOG_LEVEL: 'fatal' })
  const server = await listen(instance, { port: 0, host: '127.0.0.1' })
  return { url: `http://127.0.0.1:${server.port}`, close: () => server.close(500) }
}

export type FunctionProcess = {
  url: string
  /** Lines that it has written so far to standard output and standard error. */
  lines: readonly string[]
  /** Sends SIGTERM, and resolves to the exit code. */
  stop: () => Promise<number | null>
  /** Ends it at once, as a crash does. */
  kill: () => Promise<void>
  signal: (signal: 'SIGSTOP' | 'SIGCONT') => void
}

/**
 * Runs the `main.ts` of a function as a process, as the cluster does, with the log at `trace`. Throws with its output when it exits before
 * its port is open.
 */
export async function spawnFunction(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<FunctionProcess> {
  const child = spawn(process.execPath, [join(folderOf(name), 'main.ts')], {
    env: {
      EVENT_KEYS: testEventKeys,
      ...environment,
      LOG_LEVEL: 'trace',
      PORT: '0',
      ANNOUNCE_PORT: 'true',
      DRAIN_TIMEOUT_MS: '1000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Once both streams have ended, so that no line is missed.
  const exited = once(child, 'close')
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const port = await new Promise<number>((resolvePort, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const announced = /^listening on port (\d+)$/.exec(line)
      if (announced) resolvePort(Number(announced[1]))
      else lines.push(line)
    })
    child.once('exit', (code) => reject(new Error(`"${name}" exited with ${code}: ${lines.join('\n')}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    lines,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    kill: async () => {
      if (child.kill('SIGKILL')) await exited
    },
    signal: (signal) => void child.kill(signal),
  }
}

/** No server listens there: port 1 is reserved for the superuser. */
const closedAddress = '127.0.0.1:1'

/** The same environment with this kind of server unavailable: each of its addresses is replaced by one where no server listens. */
export function withoutServer(
  environment: Readonly<Record<string, string>>,
  protocol: 'postgres' | 'redis',
): Record<string, string> {
  const address = new RegExp(`^(${protocol}(?:ql|s)?://(?:[^@/]*@)?)[^/?]+`)
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(address, `$1${closedAddress}`)]),
  )
}

/** Whether a variable of the environment is the address of this kind of server. */
export const hasServer = (environment: Readonly<Record<string, string>>, protocol: 'postgres' | 'redis') =>
  Object.values(environment).some((value) => value.startsWith(protocol))
