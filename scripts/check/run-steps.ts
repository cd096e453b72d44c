export type Step = {
  name: string
  /** Resolves to what is wrong; nothing when all is well. */
  run: () => Promise<readonly string[]>
}

type Outcome = { name: string; problems: readonly string[]; seconds: number }

/** Runs every step at once and reports each as it ends; the failures follow in full. Resolves to whether all is well. */
export async function runSteps(
  steps: readonly Step[],
  write: (line: string) => void,
  nowMs: () => number,
): Promise<boolean> {
  const width = Math.max(...steps.map(({ name }) => name.length))
  const startedMs = nowMs()
  const outcomes = await Promise.all(
    steps.map(async ({ name, run }): Promise<Outcome> => {
      const problems = await run().catch((error: unknown) => [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ])
      const seconds = (nowMs() - startedMs) / 1000
      const verdict = problems.length === 0 ? 'ok' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`
      write(
        `${problems.length === 0 ? '✓' : '✗'} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(5)} s  ${verdict}`,
      )
      return { name, problems, seconds }
    }),
  )
  const failed = outcomes.filter(({ problems }) => problems.length > 0)
  for (const { name, problems } of failed) write(`\n${name}\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  return failed.length === 0
}
