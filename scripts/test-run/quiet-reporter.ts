import { DefaultReporter } from 'vitest/node'

/** Each file as it ends and failures in full. The counts of all projects together come at the end of the whole run. */
// A class, since that is what vitest loads from a file.
export default class QuietReporter extends DefaultReporter {
  constructor() {
    super({ summary: false })
  }

  override reportTestSummary(): void {}
}
