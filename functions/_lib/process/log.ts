import pino from 'pino'
import { currentContext, traceIdOf } from '../events/trace.ts'
import { describeError } from './describe-error.ts'

export type LogFields = Record<string, unknown>

/** Writes one JSON object per line to standard output. A thrown value is passed as the field `error`. */
export type Logger = {
  debug: (message: string, fields?: LogFields) => void
  info: (message: string, fields?: LogFields) => void
  warn: (message: string, fields?: LogFields) => void
  error: (message: string, fields?: LogFields) => void
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export type LoggerOptions = {
  service: string
  level: LogLevel
  revision?: string
  /** Receives finished lines; standard output by default. */
  destination?: { write: (line: string) => void }
}

/**
 * Makes the logger of a function. It adds the request id and the trace id to every line that is written while a request is handled, and
 * writes no line below `level`.
 *
 * @example log.warn('The image could not be decoded', { error, job_id: jobId })
 */
export function createLogger(options: LoggerOptions): Logger {
  const sink = pino(
    {
      level: options.level,
      base: { service: options.service, ...(options.revision && { revision: options.revision }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      serializers: { error: describeError },
      mixin: () => {
        const context = currentContext()
        return context ? { trace_id: traceIdOf(context.traceparent), request_id: context.requestId } : {}
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )
  return {
    debug: (message, fields) => sink.debug(fields ?? {}, message),
    info: (message, fields) => sink.info(fields ?? {}, message),
    warn: (message, fields) => sink.warn(fields ?? {}, message),
    error: (message, fields) => sink.error(fields ?? {}, message),
  }
}
