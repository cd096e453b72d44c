export type ErrorDescription = {
  name: string
  message: string
  code?: string
  stack?: string
  cause?: ErrorDescription
}

const causeDepthMax = 4

/**
 * Describes any thrown value for the log, with up to four causes. Only known properties are copied, and messages that quote SQL values or
 * request bodies are replaced.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: 'NonError', message: typeof error }
  const code = (error as { code?: unknown }).code
  return {
    name: error.name,
    message: describeMessage(error),
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: stackFrames(error.stack) }),
    ...(error.cause !== undefined && depth < causeDepthMax && { cause: describeError(error.cause, depth + 1) }),
  }
}

// drizzle-orm puts every bound value into its message, and pg's messages quote the offending value.
function describeMessage(error: Error): string {
  if ('params' in error && 'query' in error) return 'Failed query'
  if ('severity' in error && 'routine' in error) return 'PostgreSQL refused the statement'
  // JSON.parse quotes the text that it could not read.
  if (error instanceof SyntaxError) return 'Syntax error'
  return error.message
}

function stackFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .join('\n')
}
