import { validateHeaderValue } from 'node:http'
import { parseByteRange } from '../http/byte-range.ts'
import { evaluateReadConditions } from '../http/conditions.ts'
import { checksumHeaders, objectHeaders } from '../http/object-headers.ts'
import type { Operation, OperationDeps, OperationInput, OperationResult } from '../http/operation.ts'
import { S3Error } from '../http/s3-error.ts'

const overrides = [
  'response-content-type',
  'response-content-language',
  'response-expires',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
]

function override(headers: Record<string, string>, parameter: string, value: string): void {
  const name = parameter.slice('response-'.length)
  try {
    validateHeaderValue(name, value)
  } catch {
    throw new S3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
      fields: { ArgumentName: parameter, ArgumentValue: value },
    })
  }
  headers[name] = value
}

async function readObject(
  { storage }: OperationDeps,
  { bucketName, key, request }: OperationInput,
  withBody: boolean,
): Promise<OperationResult> {
  const bucket = storage.getBucket(bucketName)
  const record = bucket.get(key)
  const sent = request.effectiveHeaders
  const headers = objectHeaders(record)
  if (evaluateReadConditions(sent, record) === 'not_modified') return { status: 304, headers }
  const ifRange = sent.get('if-range')
  const range =
    ifRange === undefined || ifRange === headers.etag || ifRange === headers['last-modified']
      ? parseByteRange(sent.get('range'), record.sizeBytes)
      : undefined
  for (const [name, value] of request.query) if (overrides.includes(name)) override(headers, name, value)
  // The checksum covers the whole object; a client would compare it with the part.
  if (!range && sent.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(headers, checksumHeaders(record))
  const { start, end } = range ?? { start: 0, end: record.sizeBytes - 1 }
  const sizeBytes = end - start + 1
  headers['content-length'] = String(sizeBytes)
  if (range) headers['content-range'] = `bytes ${start}-${end}/${record.sizeBytes}`
  const status = range ? 206 : 200
  return withBody
    ? { status, headers, body: { fileDescriptor: bucket.open(key), start, sizeBytes } }
    : { status, headers }
}

export const getObject: Operation = {
  parameters: overrides,
  headers: ['x-amz-checksum-mode'],
  run: (deps, input) => readObject(deps, input, true),
}

export const headObject: Operation = {
  parameters: overrides,
  headers: ['x-amz-checksum-mode'],
  run: (deps, input) => readObject(deps, input, false),
}
