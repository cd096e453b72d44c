import { S3Error } from '../http/s3-error.ts'
import { decodeAwsChunked } from './aws-chunked.ts'
import { type ChecksumAlgorithm, checksumAlgorithms, checksumSizeBytes, createDigest } from './digest.ts'

export type Checksum = { algorithm: ChecksumAlgorithm; value: string }
export type PayloadOutcome = { md5: Buffer; sizeBytes: number; checksum?: Checksum }
export type Payload = {
  sizeBytes: number
  /** Whether a Content-MD5 or a checksum protects the body. */
  isVouchedFor: boolean
  /** The decoded body; throws at its end when it does not match the headers. Can be read once. */
  chunks: AsyncIterable<Buffer>
  /** Returns the outcome after `chunks` has ended without an error. */
  getOutcome: () => PayloadOutcome
}
type Headers = ReadonlyMap<string, string>

const checksumPrefix = 'x-amz-checksum-'
const checksumControls = ['x-amz-checksum-mode', 'x-amz-checksum-algorithm', 'x-amz-checksum-type']
const isChecksum = (name: string) => name.startsWith(checksumPrefix) && !checksumControls.includes(name)

function parseAlgorithm(header: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => header === `${checksumPrefix}${known}`)
  if (algorithm) return algorithm
  throw new S3Error('NotImplemented', `The checksum "${header}" is not implemented.`)
}

function isBase64Of(value: string, sizeBytes: number): boolean {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === sizeBytes && bytes.toString('base64') === value
}

function parseChecksum(header: string, value: string): Checksum {
  const algorithm = parseAlgorithm(header)
  if (!isBase64Of(value, checksumSizeBytes[algorithm]))
    throw new S3Error('InvalidRequest', `Value for ${header} header is invalid.`)
  return { algorithm, value }
}

function parseLength(headers: Headers, name: string): number {
  const value = headers.get(name)
  if (value === undefined) throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  if (!/^\d{1,15}$/.test(value)) throw new S3Error('InvalidArgument', `The ${name} header is not a length.`)
  return Number(value)
}

function parseExpectedChecksum(headers: Headers, isChunked: boolean) {
  const names = [...headers.keys()].filter(isChecksum)
  const trailer = isChunked ? headers.get('x-amz-trailer')?.toLowerCase() : undefined
  if (names.length + (trailer === undefined ? 0 : 1) > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  if (headers.has('x-amz-sdk-checksum-algorithm') && names.length === 0 && trailer === undefined)
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  if (trailer !== undefined) return { algorithm: parseAlgorithm(trailer), trailer }
  return names[0] === undefined ? undefined : parseChecksum(names[0], headers.get(names[0]) ?? '')
}

/** Parses the length, the hash and the checksums in the headers, and verifies the body against them while it streams. */
export function createPayload(headers: Headers, payloadHash: string, source: AsyncIterable<Buffer>): Payload {
  const isChunked = payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
  const sizeBytes = parseLength(headers, isChunked ? 'x-amz-decoded-content-length' : 'content-length')
  const expected = parseExpectedChecksum(headers, isChunked)
  const contentMd5 = headers.get('content-md5')
  if (contentMd5 !== undefined && !isBase64Of(contentMd5, 16))
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified is not valid.')
  const trailers = new Map<string, string>()
  let outcome: PayloadOutcome | undefined

  const checkChecksum = (actual: string | undefined): Checksum | undefined => {
    if (!expected || actual === undefined) return undefined
    if ('trailer' in expected && (!trailers.has(expected.trailer) || trailers.size !== 1))
      throw new S3Error('MalformedTrailerError', `The body ended without its one trailer "${expected.trailer}".`)
    const { algorithm, value } =
      'trailer' in expected ? parseChecksum(expected.trailer, trailers.get(expected.trailer) ?? '') : expected
    if (actual !== value)
      throw new S3Error(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      )
    return { algorithm, value }
  }

  async function* readChunks(): AsyncGenerator<Buffer> {
    const md5 = createDigest('md5')
    const sha256 = /^[0-9a-f]{64}$/.test(payloadHash) ? createDigest('sha256') : undefined
    const checksum = expected && createDigest(expected.algorithm)
    const decoded = isChunked ? decodeAwsChunked(source, (name, value) => trailers.set(name, value)) : source
    let receivedBytes = 0
    for await (const chunk of decoded) {
      receivedBytes += chunk.length
      if (receivedBytes > sizeBytes) break
      md5.update(chunk)
      sha256?.update(chunk)
      checksum?.update(chunk)
      yield chunk
    }
    if (receivedBytes !== sizeBytes)
      throw new S3Error(
        'IncompleteBody',
        'You did not provide the number of bytes specified by the Content-Length HTTP header',
      )
    if (sha256 && sha256.finish().toString('hex') !== payloadHash)
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      )
    const md5Bytes = md5.finish()
    if (contentMd5 !== undefined && md5Bytes.toString('base64') !== contentMd5)
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.')
    outcome = { md5: md5Bytes, sizeBytes, checksum: checkChecksum(checksum?.finish().toString('base64')) }
  }

  return {
    sizeBytes,
    isVouchedFor: expected !== undefined || contentMd5 !== undefined,
    chunks: { [Symbol.asyncIterator]: readChunks },
    getOutcome: () => {
      if (!outcome) throw new Error('The outcome of the payload was read before its end')
      return outcome
    },
  }
}
