// Loaded into the processes under test by NODE_OPTIONS, before any of their own modules.
import { appendFileSync, existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { blockMs, type FailpointRule, failpointRules } from './rules.ts'

const folder = process.env.GROWBIN_FAILPOINTS
const exhaustedMebibytes = 256
const service = process.env.GROWBIN_SERVICE ?? process.env.K_REVISION?.replace(/-local$/, '')

if (folder) takeVariables(folder)
// libfaketime reads the name of the file each time, so every process can have its own clock.
if (folder && process.env.LD_PRELOAD?.includes('libfaketime'))
  process.env.FAKETIME_TIMESTAMP_FILE = join(folder, `clock-${process.pid}`)

const rules = (failpointRules as readonly FailpointRule[]).filter((rule) => rule.service === service)
if (folder && rules.length > 0) watchWrites(folder)

/** As a pod takes the values of its ConfigMaps and Secrets when it starts. */
function takeVariables(folder: string): void {
  const file = join(folder, 'variables.json')
  if (!existsSync(file)) return
  const byService = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>
  const variables = { ...byService['*'], ...(service && byService[service]) }
  for (const [name, value] of Object.entries(variables)) {
    // Only variables that the function reads: its environment holds no others.
    if (process.env[name] !== undefined) process.env[name] = value
  }
}

function watchWrites(folder: string): void {
  const begun = new WeakMap<Socket, Set<FailpointRule>>()
  const { write } = Socket.prototype

  const meets = (rule: FailpointRule, socket: Socket, chunk: Buffer): boolean => {
    if (rule.precededBy === undefined) return chunk.includes(rule.pattern)
    const marked = begun.get(socket) ?? new Set()
    begun.set(socket, marked)
    if (marked.has(rule) && chunk.includes(rule.pattern)) return marked.delete(rule)
    if (chunk.includes(rule.precededBy)) marked.add(rule)
    return false
  }

  Socket.prototype.write = function (this: Socket, ...args: Parameters<typeof write>) {
    const [chunk] = args as unknown[]
    const bytes =
      typeof chunk === 'string' ? Buffer.from(chunk) : chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined
    const met = bytes ? rules.filter((rule) => meets(rule, this, bytes)) : []
    const fired = met.find((rule) => claim(folder, rule))
    if (fired?.when === 'before') {
      const leaving = bytes && fired.leaving ? fired.leaving(bytes) : 0
      if (bytes && leaving > 0) write.call(this, bytes.subarray(0, leaving))
      fire(folder, fired)
    }
    const written = write.apply(this, args)
    if (fired?.when === 'after') {
      if (fired.delayMs) setTimeout(() => fire(folder, fired), fired.delayMs)
      else fire(folder, fired)
    }
    return written
  } as typeof write
}

/** One armed failpoint is one file, which only one process can remove. */
function claim(folder: string, rule: FailpointRule): boolean {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${rule.name}.armed.`)) continue
    try {
      unlinkSync(join(folder, name))
      return true
    } catch {
      // Another process has claimed it.
    }
  }
  return false
}

function fire(folder: string, rule: FailpointRule): void {
  const entry = { name: rule.name, process_id: process.pid, at_ms: Date.now() }
  appendFileSync(join(folder, 'fired.jsonl'), `${JSON.stringify(entry)}\n`)
  if (rule.action === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
  else if (rule.action === 'exhaust') exhaust()
  else process.kill(process.pid, 'SIGKILL')
}

/** Bounded, since a process without a limit would take all memory of the machine. */
function exhaust(): void {
  const held: number[][] = []
  while (held.length < exhaustedMebibytes) held.push(new Array<number>(131_072).fill(held.length))
}
