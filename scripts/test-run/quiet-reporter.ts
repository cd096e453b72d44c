import { DefaultReporter } from 'vitest/node'

/** Prints each file as it ends and failures in full, but no counts: the summary of all stages prints them at the end. */
// A class, since vitest loads reporters as classes.
export default class QuietReporter extends DefaultReporter {
  constructor() {
    super({ summary: false })
  }

  override reportTestSummary(): void {}
}
