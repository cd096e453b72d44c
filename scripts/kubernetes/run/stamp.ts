import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../settings.ts'
import type { Step } from './step.ts'

export type Stamp = { version: string; finished_at: string; seconds: number }

export const fileOf = (
  { cache, state }: Pick<Settings, 'cache' | 'state'>,
  step: Pick<Step, 'name' | 'kept'>,
): string => join(step.kept === 'cache' ? cache : state, 'stamps', `${step.name.replaceAll(/[^\w-]+/g, '-')}.json`)

/** The stamp of a step that was finished with this version; undefined when there is none, or it is of another version. */
export async function findStamp(file: string, version: string): Promise<Stamp | undefined> {
  try {
    const stamp = JSON.parse(await readFile(file, 'utf8')) as Stamp
    return stamp.version === version ? stamp : undefined
  } catch {
    return undefined
  }
}

export async function writeStamp(file: string, stamp: Stamp): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, JSON.stringify(stamp))
}

export const removeStamp = (file: string): Promise<void> => rm(file, { force: true })

/** A short version for a step that depends on many values. */
export const versionOf = (...values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16)
