/** One part of bringing a cluster up: named, timed, and skipped when what it makes is there already. */
export type Step = {
  name: string
  /** Everything that its outcome depends on; another value makes it run again. */
  version: string
  /** Where its stamp is: `cache` for what is built once, `state` for what runs, `never` for a step that is repeated each time. */
  kept: 'cache' | 'state' | 'never'
  /** Whether what it made is still there. Asked only when the stamp says that the step is done. */
  isThere: () => Promise<boolean>
  /** Must be safe to repeat, also after it failed half-way. Resolves to what may be said about the outcome in a few words. */
  run: (log: string) => Promise<string | undefined>
}
