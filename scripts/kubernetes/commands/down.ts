import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeNode } from '../node/remove-node.ts'
import type { CommandContext } from './command-options.ts'

export async function down({ settings, print, now }: CommandContext): Promise<number> {
  const startedMs = now().getTime()
  await mkdir(settings.logs, { recursive: true })
  const left = await removeNode(settings, join(settings.logs, 'down.log'))
  const seconds = Math.round((now().getTime() - startedMs) / 1000)
  if (left.length === 0)
    print(`The cluster is removed (${seconds} s). Programs, images and caches stay in "${settings.cache}".`)
  else print(`After ${seconds} s this could not be removed:\n${left.map((item) => `  ${item}`).join('\n')}`)
  return left.length === 0 ? 0 : 1
}
