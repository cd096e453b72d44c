import { glob, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { folderOf, importSpec } from './run-function.ts'

const functionsFolder = resolve(import.meta.dirname, '../..')

/** Names of all functions that events are delivered to. */
async function eventFunctions(): Promise<string[]> {
  const names: string[] = []
  for await (const path of glob('[!_]*/*/function.ts', { cwd: functionsFolder })) {
    const [domain, operation] = path.split('/')
    const { name, trigger } = await importSpec(`${domain}-${operation}`)
    if (!('routes' in trigger)) names.push(name)
  }
  return names.sort()
}

async function testsOf(name: string): Promise<string> {
  const texts: string[] = []
  for await (const path of glob('**/*.test.ts', { cwd: folderOf(name) })) {
    texts.push(await readFile(join(folderOf(name), path), 'utf8'))
  }
  return texts.join('\n')
}

test('every function that gets events is held to the shared suite, and so to the HTTP binding of CloudEvents', async () => {
  const names = await eventFunctions()
  expect(names.length).toBeGreaterThan(5)
  const unheld: string[] = []
  for (const name of names) {
    const tests = await testsOf(name)
    // Dead letters come in any form, so their function has a suite of its own, over the same scenarios.
    const suite = name === 'events-dead-letter' ? 'of cloudEventScenarios)' : `name: '${name}'`
    if (!tests.includes(suite)) unheld.push(name)
    if (name !== 'events-dead-letter' && !tests.includes('describeEventFunction({')) unheld.push(name)
  }
  expect(unheld).toEqual([])
})
