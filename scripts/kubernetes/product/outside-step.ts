import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import { isRunning, logOf, startDaemon, stopDaemon } from '../run/daemon.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { ports } from './names.ts'

export const outsideDirectory = ({ state }: Pick<Settings, 'state'>): string => join(state, 'outside')

const startTimeoutMs = 120_000

export function outsideStep(settings: Settings): Step {
  const directory = outsideDirectory(settings)
  const readyFile = join(directory, 'ready')
  return {
    name: 'object store and simulators',
    version: versionOf(settings.hostIp, ports, 1),
    kept: 'state',
    isThere: () => isRunning(settings, 'outside'),
    run: async () => {
      await stopDaemon(settings, 'outside')
      await mkdir(directory, { recursive: true })
      await rm(readyFile, { force: true })
      const program = join(import.meta.dirname, 'outside.ts')
      const command = [process.execPath, program, directory, settings.hostIp, readyFile] as const
      await startDaemon(settings, 'outside', command, { network: 'machine' })
      const giveUpAtMs = performance.now() + startTimeoutMs
      while (!existsSync(readyFile)) {
        if (!(await isRunning(settings, 'outside'))) throw new Error(`they ended; see "${logOf(settings, 'outside')}"`)
        if (performance.now() > giveUpAtMs) throw new Error(`they were not ready within ${startTimeoutMs / 1000} s`)
        await pause(200)
      }
      return `at ${settings.hostIp}`
    },
  }
}
