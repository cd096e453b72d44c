import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nicenessOf } from './cpu-weight.ts'
import { startFunctionProcess } from './function-process.ts'

test.each([
  [1000, 0],
  [250, 0],
  [50, 0],
  [40, 1],
  [10, 7],
  [1, 18],
  [0.1, 19],
])('a request of %d m is a niceness of %i', (cpuMillis, niceness) => {
  expect(nicenessOf(cpuMillis)).toBe(niceness)
})

test.each([
  [50, 0],
  [10, 7],
])(
  'the process of a function that asks for %i m has niceness %i, and this process keeps its own',
  async (cpuMillis, niceness) => {
    const own = getPriority()
    const directory = await mkdtemp(join(tmpdir(), 'growbin-weight-'))
    const bundlePath = join(directory, 'main.cjs')
    await writeFile(bundlePath, `console.log('listening on port 1'); setInterval(() => undefined, 1000)`)
    const running = await startFunctionProcess({ bundlePath, cpuMillis, environment: {}, writeLog: () => undefined })
    try {
      expect(getPriority(running.processId)).toBe(niceness === 0 ? own : niceness)
      expect(getPriority()).toBe(own)
      const group = await readFile(`/proc/${running.processId}/autogroup`, 'utf8').catch(() => undefined)
      if (group !== undefined) expect(group).toMatch(new RegExp(`nice ${niceness}$`, 'm'))
    } finally {
      await running.stop(1_000)
      await rm(directory, { recursive: true, force: true })
    }
  },
)
