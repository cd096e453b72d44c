import { copyObject } from '../operations/copy-object.ts'
import { createBucket } from '../operations/create-bucket.ts'
import { deleteObject } from '../operations/delete-object.ts'
import { deleteObjects } from '../operations/delete-objects.ts'
import { getObject, headObject } from '../operations/get-object.ts'
import { headBucket } from '../operations/head-bucket.ts'
import { listBuckets } from '../operations/list-buckets.ts'
import { listObjects } from '../operations/list-objects.ts'
import { putObject } from '../operations/put-object.ts'
import type { Operation } from './operation.ts'
import { authorizationParameters, getParameter, type S3Request } from './parse-request.ts'
import { S3Error } from './s3-error.ts'

const operations: Record<string, Operation> = {
  ListBuckets: listBuckets,
  HeadBucket: headBucket,
  CreateBucket: createBucket,
  ListObjectsV2: listObjects,
  DeleteObjects: deleteObjects,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
}

const headersOfEveryRequest = [
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-user-agent',
]
const checksumHeader = /^x-amz-checksum-(?!mode$|type$|algorithm$)/
const keySizeBytesMax = 1024

export type Route = { name: string; bucketName: string; key: string; operation?: Operation }

function nameOperation(request: S3Request, bucketName: string, key: string): string | undefined {
  const { method } = request
  if (bucketName === '') return method === 'GET' ? 'ListBuckets' : undefined
  if (key === '') {
    if (method === 'GET') return getParameter(request, 'list-type') === '2' ? 'ListObjectsV2' : 'ListObjects'
    if (method === 'POST') return getParameter(request, 'delete') === undefined ? 'PostObject' : 'DeleteObjects'
    return { HEAD: 'HeadBucket', PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method]
  }
  if (method === 'PUT') return request.effectiveHeaders.has('x-amz-copy-source') ? 'CopyObject' : 'PutObject'
  return { GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject', POST: 'CreateMultipartUpload' }[method]
}

/** Finds the name of the operation, implemented or not; throws only for a method that S3 does not have. */
export function findRoute(request: S3Request): Route {
  const [, bucketName = '', key = ''] = /^\/([^/]*)\/?([\s\S]*)$/.exec(request.path) ?? []
  const name = nameOperation(request, bucketName, key)
  if (name === undefined)
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      fields: { Method: request.method },
    })
  return { name, bucketName, key, operation: operations[name] }
}

const understands = (known: readonly string[], name: string, value: string) =>
  known.some((entry) =>
    entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : entry === name || entry === `${name}=${value}`,
  )

/** Returns the operation; throws for a parameter or header that would change the meaning of the request on S3. */
export function getOperation({ name, key, operation }: Route, request: S3Request): Operation {
  if (Buffer.byteLength(key) > keySizeBytesMax)
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(keySizeBytesMax) },
    })
  if (!operation) throw new S3Error('NotImplemented', `The operation "${name}" is not implemented.`)
  for (const [parameter] of request.query) {
    const isKnown = parameter === 'x-id' || parameter.toLowerCase().startsWith('x-amz-')
    if (isKnown || authorizationParameters.has(parameter) || operation.parameters?.includes(parameter)) continue
    throw new S3Error(
      'NotImplemented',
      'A query parameter you provided implies functionality that is not implemented',
      {
        fields: { ResourceType: parameter },
      },
    )
  }
  for (const [header, value] of request.effectiveHeaders) {
    if (!header.startsWith('x-amz-') || headersOfEveryRequest.includes(header) || checksumHeader.test(header)) continue
    if (understands(operation.headers ?? [], header, value)) continue
    throw new S3Error('NotImplemented', 'A header you provided implies functionality that is not implemented', {
      fields: { Header: header },
    })
  }
  return operation
}
