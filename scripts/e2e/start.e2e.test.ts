import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../lib/repository-root.ts'
import { until } from '../lib/until.ts'
import { findFreePort } from '../local/servers/ports/free-port.ts'

const environment = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-start-'))
  await chmod(folder, 0o711)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const groups: ChildProcess[] = []
afterEach(() => {
  for (const child of groups.splice(0)) {
    try {
      if (child.exitCode === null) signalGroup(child, 'SIGKILL')
    } catch (error) {
      // A killed start may have ended its whole group with it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
})

type Run = { child: ChildProcess; output: () => string; exit: Promise<number | null> }

/** Runs a script as a shell does: in its own process group, which a Ctrl-C reaches as a whole. */
function run(script: 'start' | 'demo', ...args: string[]): Run {
  const child = spawn(join(repositoryRoot, 'scripts', script), args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  groups.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  return { child, output: () => output, exit: new Promise((resolve) => child.once('close', resolve)) }
}

const signalGroup = (child: ChildProcess, name: NodeJS.Signals) => process.kill(-Number(child.pid), name)

async function start(...args: string[]) {
  const started = run('start', '--port', '0', '--data', join(folder, 'data'), ...args)
  const exit = started.exit.then((code) => {
    throw new Error(`start ended with ${code}: ${started.output()}`)
  })
  const url = await Promise.race([
    until('The ready line', () => /Growbin is ready after [\d.]+ s at (http:\S+)/.exec(started.output())?.[1], 60_000),
    exit,
  ])
  exit.catch(() => undefined)
  return { ...started, url }
}

async function demo(url: string, ...args: string[]) {
  const { exit, output } = run('demo', ...args, '--base-url', url)
  return { code: await exit, output: output() }
}

/** All descendants of a process. */
function descendantsOf(processId: number): number[] {
  const pairs = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const children = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([pid = 0]) => [pid, ...children(pid)])
  return children(processId)
}

/** An ended process counts as gone even when its parent has not read its exit code. */
const isAlive = (processId: number) => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(processId)], { encoding: 'utf8' })
      .trim()
      .startsWith('Z')
  } catch {
    return false
  }
}
const untilAllGone = (processIds: number[]) =>
  until('All processes to end', () => processIds.filter(isAlive).length === 0, 20_000)

async function stop({ child, exit }: Run) {
  const processIds = [Number(child.pid), ...descendantsOf(Number(child.pid))]
  const startedMs = performance.now()
  signalGroup(child, 'SIGINT')
  const code = await exit
  const tookMs = performance.now() - startedMs
  await untilAllGone(processIds)
  return { code, tookMs, processIds }
}

async function countRows(url: string) {
  const described = (await (await fetch(url)).json()) as { parts: { name: string; address: string }[] }
  const address = new URL(described.parts.find(({ name }) => name === 'PostgreSQL')?.address ?? '')
  const { readFile } = await import('node:fs/promises')
  const password = (await readFile(join(folder, 'data/postgresql/superuser-password'), 'utf8')).trim()
  Object.assign(address, { username: 'growbin_admin', password })
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  try {
    const { rows } = await client.query(`select (select count(*)::integer from auth.accounts) as accounts,
      (select count(*)::integer from waste.results) as results`)
    return rows[0] as { accounts: number; results: number }
  } finally {
    await client.end()
  }
}

describe('./scripts/start and ./scripts/demo', () => {
  it('answer a photo, refuse a text file, stop cleanly on Ctrl-C, and keep accounts and results', async () => {
    const first = await start()
    const answered = await demo(first.url)
    expect(answered).toMatchObject({ code: 0, output: expect.stringContaining('투명 페트병') })
    expect(answered.output).toMatch(/model by vision-simulated-by-growbin/)
    expect(answered.output).toMatch(/photo to answer in \d+ ms/)
    expect((await demo(first.url, '--language', 'en')).output).toContain('exact_match by')

    const text = join(folder, 'notes.txt')
    await writeFile(text, 'This is not a photo. '.repeat(20))
    expect(await demo(first.url, text)).toEqual({
      code: 1,
      output: expect.stringMatching(/notes\.txt" is not a photo: expected JPEG/),
    })
    expect(await countRows(first.url)).toEqual({ accounts: 1, results: 2 })

    const { code, tookMs, processIds } = await stop(first)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(10_000)
    // The supervisor, the platform and PostgreSQL at least.
    expect(processIds.length).toBeGreaterThan(3)
    expect(first.output()).toMatch(/stopping…\nstopped\n$/)
    expect(first.output()).not.toMatch(/LOG: {2}|warn|error/)

    // Redis is in memory, so the cached answer is lost; PostgreSQL is not.
    const second = await start()
    expect(await countRows(second.url)).toEqual({ accounts: 1, results: 2 })
    expect((await demo(second.url)).output).toMatch(/model by vision-simulated-by-growbin/)
    expect(await countRows(second.url)).toEqual({ accounts: 1, results: 3 })
    expect((await stop(second)).code).toBe(0)

    const fresh = await start('--fresh')
    expect(await countRows(fresh.url)).toEqual({ accounts: 0, results: 0 })
    expect((await stop(fresh)).code).toBe(0)
  })

  it('start functions on demand with --processes, and leave none behind on Ctrl-C', async () => {
    const started = await start('--processes')
    const before = descendantsOf(Number(started.child.pid))
    expect(await demo(started.url)).toMatchObject({ code: 0, output: expect.stringContaining('PET_CLEAR') })
    expect(descendantsOf(Number(started.child.pid)).length).toBeGreaterThan(before.length)
    expect(started.output()).toMatch(/instance started .*function=waste-ai-analyze/)
    expect((await stop(started)).code).toBe(0)
    expect(started.output()).not.toMatch(/LOG: {2}|warn|error/)
  })

  it('leave no orphans when the start is killed', async () => {
    const started = await start('--processes')
    expect((await demo(started.url)).code).toBe(0)
    const processIds = descendantsOf(Number(started.child.pid))
    expect(processIds.length).toBeGreaterThan(3)
    process.kill(Number(started.child.pid), 'SIGKILL')
    await untilAllGone(processIds)
  })

  it('say which port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { exit, output } = run('start', '--port', String(port), '--data', join(folder, 'data'))
    expect(await exit).toBe(1)
    expect(output()).toContain(`Port ${port} is taken by another program; choose one with --port`)
    other.close()
  })

  it('say that nothing runs where the demo looks', async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`
    expect(await demo(url, '--wait', '0')).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        `No server listens at "${url}" after 0 s. Is it running? Start it with ./scripts/start`,
      ),
    })
  })
})
