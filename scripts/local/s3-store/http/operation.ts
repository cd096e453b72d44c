import type { Payload } from '../signing/payload.ts'
import type { Storage } from '../storage/open-storage.ts'
import type { S3Request } from './parse-request.ts'

export type OperationDeps = { storage: Storage; region: string; now: () => Date; objectSizeBytesMax: number }

export type OperationInput = {
  request: S3Request
  bucketName: string
  key: string
  /** Built when the operation asks for it, because it refuses a request without a length. */
  readPayload: () => Payload
  /** Aborted when the connection turns out to carry something else than this request. */
  signal: AbortSignal
}

/** Read from the open file, both ends inclusive, and closed by the answer. */
export type FileBody = { fileDescriptor: number; start: number; sizeBytes: number }

export type OperationResult = {
  status: number
  headers?: Record<string, string>
  body?: string | FileBody
}

export type Operation = {
  /** Query parameters it understands, besides those of every request. */
  parameters?: readonly string[]
  /** x-amz-* headers it understands, besides those of every request; `*` at the end stands for any rest. */
  headers?: readonly string[]
  run: (deps: OperationDeps, input: OperationInput) => Promise<OperationResult>
}
