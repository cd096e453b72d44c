import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChildProgram } from './child-program.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-child-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const answering = `
import { answerQuestions } from '${import.meta.dirname}/answer-questions.ts'
console.log('started')
answerQuestions(
  { url: 'http://here' },
  { sum: () => 1 + 1, fail: () => { throw new Error('no sum') }, exit: () => process.exit(3) },
  async () => console.log('closed'),
)`

async function startProgram(text: string, lines: string[] = []) {
  const program = join(folder, 'program.ts')
  await writeFile(program, text)
  return startChildProgram<{ url: string }, 'sum' | 'fail' | 'exit' | 'other'>({
    program,
    environment: {},
    onLine: (line) => lines.push(line),
  })
}

test('asks a program, and closes it', async () => {
  const lines: string[] = []
  const child = await startProgram(answering, lines)
  expect(child.ready).toEqual({ url: 'http://here' })
  expect(await Promise.all([child.ask('sum'), child.ask('sum')])).toEqual([2, 2])
  await expect(child.ask('fail')).rejects.toThrow('no sum')
  await expect(child.ask('other')).rejects.toThrow('cannot answer "other"')
  expect(await child.close()).toBe(0)
  expect(lines).toEqual(['started', 'closed'])
})

test('rejects what was asked when the program ends', async () => {
  const child = await startProgram(answering)
  await expect(child.ask('exit')).rejects.toThrow('The program ended with 3. It last wrote:\nstarted')
  expect(await child.close()).toBe(3)
})

test('rejects with the last lines when the program ends before it is ready', async () => {
  await expect(startProgram(`console.error('no port'); process.exit(1)`)).rejects.toThrow(
    'The program ended with 1. It last wrote:\nno port',
  )
})

test('kills a program that does not close in time', async () => {
  const child = await startProgram(
    answering.replace(`async () => console.log('closed')`, '() => new Promise(() => undefined)'),
  )
  expect(await child.close(50)).toBeNull()
})
