import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'

export type CommandOptions = {
  /** Everything that the command prints is appended here. */
  log: string
  input?: string
  cwd?: string
  environment?: Readonly<Record<string, string>>
  timeoutMs?: number
  /** What it prints on its standard output stays out of the log. */
  quiet?: boolean
}

export class CommandError extends Error {
  readonly output: string
  constructor(message: string, output: string) {
    super(message)
    this.name = 'CommandError'
    this.output = output
  }
}

const defaultTimeoutMs = 60_000

/** Runs a program and resolves to what it printed on its standard output. Throws when it fails or takes longer than its deadline. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  await mkdir(dirname(options.log), { recursive: true })
  const log = createWriteStream(options.log, { flags: 'a' })
  log.write(`$ ${command} ${args.join(' ')}\n`)
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  if (!options.quiet) child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  // A program that ends before it has read everything breaks the pipe; its exit code says more.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...end) => resolve(end))
    })
    if (code === 0) return Buffer.concat(output).toString()
    const end =
      signal === 'SIGKILL' && child.killed ? `did not end within ${timeoutMs / 1000} s` : `ended with ${signal ?? code}`
    throw new CommandError(`"${command} ${args.join(' ').slice(0, 160)}" ${end}`, Buffer.concat(errors).toString())
  } finally {
    log.end()
    await finished(log)
  }
}

/** Whether the program succeeds. */
export const succeeds = (command: string, args: readonly string[], options: CommandOptions): Promise<boolean> =>
  runCommand(command, args, options).then(
    () => true,
    () => false,
  )
