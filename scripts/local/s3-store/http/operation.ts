import type { Payload } from '../signing/payload.ts'
import type { Storage } from '../storage/open-storage.ts'
import type { S3Request } from './parse-request.ts'

export type OperationDeps = { storage: Storage; region: string; now: () => Date; objectSizeBytesMax: number }

export type OperationInput = {
  request: S3Request
  bucketName: string
  key: string
  /** Created on demand, because it refuses a request without a length. */
  readPayload: () => Payload
  /** Aborted when the connection carries excess bytes after this request. */
  signal: AbortSignal
}

/** A part of an open file; sending the response closes it. */
export type FileBody = { fileDescriptor: number; start: number; sizeBytes: number }

export type OperationResult = {
  status: number
  headers?: Record<string, string>
  body?: string | FileBody
}

export type Operation = {
  /** Supported query parameters, besides those of every request. */
  parameters?: readonly string[]
  /** Supported x-amz-* headers, besides those of every request; a trailing `*` matches any suffix. */
  headers?: readonly string[]
  run: (deps: OperationDeps, input: OperationInput) => Promise<OperationResult>
}
