/** A statement that the code under test has sent, with the values of the first time. */
export type SentStatement = {
  text: string
  /** As the driver would bind them. */
  values: unknown[]
  /** The file that sent it, by the stack. */
  from: string
}
