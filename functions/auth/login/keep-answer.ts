export type KeepAnswerOptions<Answer> = { read: () => Promise<Answer>; nowMs: () => number }

export type KeptAnswer<Answer> = {
  /** The answer, read again when it is old. While it cannot be read, the old one holds. Throws what `read` threw. */
  get: () => Promise<Answer>
  /** An answer newer than the one at hand, as far as one may be read. Throws when the last reading failed. */
  getNewer: () => Promise<Answer>
}

const freshMs = 600_000
// Kakao blocks those who ask for its keys too often; neither strange tokens nor an outage make us one of them.
const cooldownMs = 30_000
// A key that a provider has taken back must not be trusted for ever because its server cannot be reached.
const trustedMsMax = 86_400_000

/** Keeps what seldom changes at a provider: read once for all who wait, and then at most every 30 s. */
export function keepAnswer<Answer>({ read, nowMs }: KeepAnswerOptions<Answer>): KeptAnswer<Answer> {
  let known: { answer: Answer; atMs: number } | undefined
  let failure: { cause: unknown } | undefined
  let triedMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const readOnce = async () => {
    triedMs = nowMs()
    try {
      known = { answer: await read(), atMs: nowMs() }
      failure = undefined
    } catch (cause) {
      failure = { cause }
    } finally {
      reading = undefined
    }
  }
  const refresh = () => (reading ??= readOnce())
  const mayRefresh = () => reading !== undefined || nowMs() - triedMs >= cooldownMs
  const ageMs = () => (known ? nowMs() - known.atMs : Number.POSITIVE_INFINITY)

  const get = async () => {
    if (ageMs() >= trustedMsMax || (ageMs() >= freshMs && mayRefresh())) await refresh()
    if (!known || ageMs() >= trustedMsMax) throw failure?.cause
    return known.answer
  }
  return {
    get,
    getNewer: async () => {
      if (mayRefresh()) await refresh()
      if (failure) throw failure.cause
      return await get()
    },
  }
}
