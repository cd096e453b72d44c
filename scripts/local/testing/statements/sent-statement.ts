/** A statement that the code under test has sent, as its first sender sent it. */
export type SentStatement = {
  text: string
  /** As the driver would bind them. */
  values: unknown[]
  /** Where it was sent from, as far as the stack says. */
  from: string
}
