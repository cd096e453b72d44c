/** A failed statement, without its bound values. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
  /** SQLSTATE, or a Node.js network error code. */
  readonly code: string | undefined
  readonly constraint: string | undefined

  constructor(message: string, code: string | undefined, constraint: string | undefined) {
    super(message)
    this.code = code
    this.constraint = constraint
  }

  /** Whether the server answered, so that the connection is still usable. */
  get fromServer(): boolean {
    return this.code !== undefined && /^(?!E)[0-9A-Z]{5}$/.test(this.code)
  }

  /** Whether the server is unavailable (down, starting, stopping, full or too slow), so that the statement may succeed later. */
  get unavailable(): boolean {
    return this.code === undefined ? unavailableMessages.test(this.message) : unavailableCodes.test(this.code)
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, insufficient resources,
// operator intervention (shutdown, crash, starting, statement timeout), serialization failure, deadlock, lock timeout.
const unavailableCodes =
  /^(?:08...|53...|57P0[1-5]|57014|40001|40P01|55P03|25006|E(?:CONN|PIPE|HOST|NET|TIMEDOUT|AI_)\w*)$/
// pg reports its own time-outs and a closed socket as plain errors without a code.
const unavailableMessages = /timeout|terminated|Connection|connection/

/**
 * Converts an error of `drizzle-orm` or `pg` into a `DatabaseError` without the values of the statement. Returns any other value, such as
 * a `ProblemError` thrown in a transaction, as it is.
 */
export function toDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const wrapped = 'query' in error && 'params' in error
  const cause: unknown = wrapped ? error.cause : error
  if (!(cause instanceof Error)) return error
  const { code, constraint, severity } = cause as { code?: unknown; constraint?: unknown; severity?: unknown }
  const fromServer = typeof severity === 'string'
  if (!wrapped && !fromServer && !isConnectionFailure(cause, code)) return error
  const refused = new DatabaseError(
    fromServer ? `PostgreSQL refused the statement (${String(code)})` : cause.message,
    typeof code === 'string' ? code : undefined,
    typeof constraint === 'string' ? constraint : undefined,
  )
  if (cause.stack) refused.stack = `${refused.name}: ${refused.message}\n${cause.stack.split('\n').slice(1).join('\n')}`
  return refused
}

function isConnectionFailure(cause: Error, code: unknown): boolean {
  if (typeof code === 'string') return /^E[A-Z]/.test(code) && unavailableCodes.test(code)
  return /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
    cause.message,
  )
}

/** Whether an insert failed because a row with its key exists (SQLSTATE 23505). */
export const isUniqueViolation = (error: unknown): boolean => error instanceof DatabaseError && error.code === '23505'
