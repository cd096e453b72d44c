import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { OperationResult } from './operation.ts'
import { S3Error } from './s3-error.ts'
import { renderXml } from './xml.ts'

export async function sendResult(response: ServerResponse, { status, headers, body }: OperationResult): Promise<void> {
  if (body === undefined || typeof body === 'string') {
    const type =
      body === undefined ? {} : { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) }
    response.writeHead(status, { ...type, ...headers }).end(body)
    return
  }
  const { fileDescriptor, start, sizeBytes } = body
  const file = createReadStream('', { fd: fileDescriptor, start, end: start + Math.max(sizeBytes, 1) - 1 })
  response.writeHead(status, headers)
  if (sizeBytes === 0) {
    file.destroy()
    response.end()
    return
  }
  await pipeline(file, response)
}

export type ErrorContext = { method: string | undefined; resource: string; requestId: string }

export function renderError(error: S3Error, { resource, requestId }: Omit<ErrorContext, 'method'>): string {
  const content = {
    Code: error.code,
    Message: error.message,
    ...error.fields,
    Resource: resource,
    RequestId: requestId,
  }
  return renderXml('Error', content)
}

/** Sends an S3Error as it is, and any other error as an InternalError without its cause. */
export function sendError(response: ServerResponse, error: unknown, context: ErrorContext): void {
  const refusal =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', 'We encountered an internal error. Please try again.', { status: 500 })
  const body = renderError(refusal, context)
  response
    .writeHead(refusal.status, {
      ...refusal.headers,
      'content-type': 'application/xml',
      'content-length': Buffer.byteLength(body),
    })
    .end(context.method === 'HEAD' ? undefined : body)
}
