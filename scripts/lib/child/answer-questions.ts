/** What a child program sends to its parent. */
export type ChildMessage<Ready> = { ready: Ready } | { id: number; value: unknown } | { id: number; error: string }

type Message = { id: number; ask: string }

/**
 * The child's part of `startChildProgram`: reports that the program is ready, then answers the questions of its parent. `close` ends the
 * process, also when the parent is gone, even by SIGKILL, and cannot ask.
 */
export function answerQuestions<Ready, Question extends string>(
  ready: Ready,
  answers: Readonly<Record<Question, () => unknown>>,
  close: () => Promise<void>,
): void {
  const send = (message: ChildMessage<Ready>) => process.send?.(message)
  const all: Readonly<Record<string, () => unknown>> = {
    ...answers,
    close: async () => {
      await close()
      setImmediate(() => process.exit(0))
    },
  }
  process.on('message', async ({ id, ask }: Message) => {
    try {
      const answer = all[ask]
      if (!answer) throw new Error(`This program cannot answer "${ask}"`)
      send({ id, value: await answer() })
    } catch (error) {
      send({ id, error: (error as Error).message })
    }
  })
  process.on('disconnect', () => void close().finally(() => process.exit(1)))
  send({ ready })
}
