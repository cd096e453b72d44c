import type { Duplex } from 'node:stream'
import { S3Error } from './s3-error.ts'
import { renderError } from './send-result.ts'

/** Answers bytes that are no request: a body that ended early, or bytes after its Content-Length. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex, requestId: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const refusal =
    error.code === 'HPE_INVALID_EOF_STATE'
      ? new S3Error('IncompleteBody', 'The request body terminated unexpectedly')
      : new S3Error('InvalidRequest', 'The bytes received are not an HTTP request.')
  const body = renderError(refusal, { resource: '', requestId })
  socket.end(
    `HTTP/1.1 ${refusal.status} Bad Request\r\nContent-Type: application/xml\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
