import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ChildMessage } from './answer-questions.ts'

const keptLines = 20

export type ChildProgram<Ready, Question extends string> = {
  processId: number
  /** What the program reported when it was ready. */
  ready: Ready
  /** Sends a question, and resolves with the answer. Rejects with the error of the program, or when it has ended. */
  ask: <T>(question: Question) => Promise<T>
  /** Asks the program to close, and resolves with its exit code: null when a signal ended it, or SIGKILL after `killAfterMs`. */
  close: (killAfterMs?: number) => Promise<number | null>
}

export type ChildProgramOptions = {
  /** Path of a program that calls `answerQuestions`. */
  program: string
  environment: Readonly<Record<string, string>>
  onLine: (line: string) => void
}

/**
 * Runs a program of Node.js in a process of its own, and resolves when it is ready. Rejects with its last lines when it ends
 * before that.
 */
export async function startChildProgram<Ready, Question extends string>(
  options: ChildProgramOptions,
): Promise<ChildProgram<Ready, Question | 'close'>> {
  const child = spawn(process.execPath, [options.program], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  // The process may have just ended, which `exit` reports.
  child.on('error', () => undefined)
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      options.onLine(line)
      lastLines.push(line)
      if (lastLines.length > keptLines) lastLines.shift()
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let lastId = 0
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.on('message', (message: ChildMessage<Ready>) => {
      if ('ready' in message) return resolve(message.ready)
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if ('error' in message) asked?.reject(new Error(message.error))
      else asked?.resolve(message.value)
    })
    void exited.then((code) => {
      const error = new Error(`The program ended with ${code}. It last wrote:\n${lastLines.join('\n')}`)
      reject(error)
      for (const asked of waiting.values()) asked.reject(error)
    })
  })
  const ask = <T>(question: Question | 'close') => {
    lastId += 1
    const asked = Promise.withResolvers<unknown>()
    waiting.set(lastId, asked)
    child.send({ id: lastId, ask: question })
    return asked.promise as Promise<T>
  }
  return {
    processId: child.pid ?? 0,
    ready,
    ask,
    close: async (killAfterMs) => {
      // The end of the process may cut off the answer; its exit code says the same.
      if (child.connected) void ask('close').catch(() => undefined)
      const killing = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      const code = await exited
      clearTimeout(killing)
      return code
    },
  }
}
