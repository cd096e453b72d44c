import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FailpointName } from './rules.ts'

export type Fired = { name: FailpointName; processId: number; atMs: number }

export type Failpoints = {
  /** For the processes under test. */
  environment: Record<string, string>
  /** The next process that reaches this step dies there, once. */
  arm: (name: FailpointName) => Promise<void>
  /** Removes the failpoints that have not fired. Returns their number. */
  disarm: () => Promise<number>
  fired: () => Promise<Fired[]>
  /** Variables by function, or `*` for all, that every process started from now on takes. */
  configure: (variables: Readonly<Record<string, Readonly<Record<string, string>>>>) => Promise<void>
  /** Shifts the clock of one process, which must run with libfaketime; 0 resets it. */
  shiftClock: (processId: number, seconds: number) => Promise<void>
  close: () => Promise<void>
}

/** Steps at which a process under test can be killed. */
export async function createFailpoints(): Promise<Failpoints> {
  const folder = await mkdtemp(join(tmpdir(), 'growbin-failpoints-'))
  let armed = 0
  return {
    environment: {
      GROWBIN_FAILPOINTS: folder,
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'preload.ts')).href}`,
    },
    arm: async (name) => {
      armed += 1
      await writeFile(join(folder, `${name}.armed.${armed}`), '')
    },
    disarm: async () => {
      const left = (await readdir(folder)).filter((file) => file.includes('.armed.'))
      await Promise.all(left.map((file) => rm(join(folder, file), { force: true })))
      return left.length
    },
    fired: async () => {
      const text = await readFile(join(folder, 'fired.jsonl'), 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { name: FailpointName; process_id: number; at_ms: number })
        .map(({ name, process_id: processId, at_ms: atMs }) => ({ name, processId, atMs }))
    },
    configure: (variables) => replaceFile(join(folder, 'variables.json'), JSON.stringify(variables)),
    shiftClock: (processId, seconds) =>
      replaceFile(join(folder, `clock-${processId}`), `${seconds < 0 ? '' : '+'}${seconds}\n`),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Atomic: a process that read half of it, or nothing, would end (libfaketime) or start with the wrong variables. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}
