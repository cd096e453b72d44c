import { S3Error } from '../http/s3-error.ts'

const lineSizeBytesMax = 4096
const incomplete = () => new S3Error('IncompleteBody', 'The request body terminated unexpectedly')
const malformed = () =>
  new S3Error(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  )

/**
 * Decodes the aws-chunked content coding without chunk signatures; passes the trailer after the last chunk to `onTrailer`.
 * Source: Amazon S3 API reference, "Signature calculations for trailing headers".
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = source[Symbol.asyncIterator]()
  let pending: Buffer = Buffer.alloc(0)
  const readMore = async () => {
    const { value, done } = await reader.next()
    if (done) return false
    pending = pending.length === 0 ? value : Buffer.concat([pending, value])
    return true
  }
  const readLine = async () => {
    for (;;) {
      const end = pending.indexOf('\r\n')
      if (end >= 0) {
        const line = pending.toString('latin1', 0, end)
        pending = pending.subarray(end + 2)
        return line
      }
      if (pending.length > lineSizeBytesMax) throw malformed()
      if (!(await readMore())) throw incomplete()
    }
  }

  try {
    for (;;) {
      const sizeLine = await readLine()
      if (!/^[0-9a-f]{1,12}$/i.test(sizeLine)) throw malformed()
      let remaining = Number.parseInt(sizeLine, 16)
      if (remaining === 0) break
      while (remaining > 0) {
        if (pending.length === 0 && !(await readMore())) throw incomplete()
        const piece = pending.subarray(0, remaining)
        pending = pending.subarray(piece.length)
        remaining -= piece.length
        yield piece
      }
      if ((await readLine()) !== '') throw malformed()
    }
    for (let line = await readLine(); line !== ''; line = await readLine()) {
      const separator = line.indexOf(':')
      if (separator < 1) throw malformed()
      onTrailer(line.slice(0, separator).trim().toLowerCase(), line.slice(separator + 1).trim())
    }
    if (pending.length > 0 || (await readMore())) throw malformed()
  } finally {
    await reader.return?.()
  }
}
