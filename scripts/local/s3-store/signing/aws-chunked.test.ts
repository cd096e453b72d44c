import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { createPayload } from './payload.ts'

const text = 'hello world'
const crc = (value: string) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(value))
  return bytes.toString('base64')
}
const trailer = `x-amz-checksum-crc32:${crc(text)}`
const encoded = `5\r\nhello\r\n6\r\n world\r\n0\r\n${trailer}\r\n\r\n`

async function* inPieces(bytes: Buffer, pieceSizeBytes: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += pieceSizeBytes) yield bytes.subarray(start, start + pieceSizeBytes)
}

async function decode(source: string, pieceSizeBytes = source.length, decodedLength = text.length) {
  const headers = new Map([
    ['x-amz-decoded-content-length', String(decodedLength)],
    ['x-amz-trailer', 'x-amz-checksum-crc32'],
  ])
  const payload = createPayload(
    headers,
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    inPieces(Buffer.from(source, 'latin1'), pieceSizeBytes),
  )
  const chunks: Buffer[] = []
  for await (const chunk of payload.chunks) chunks.push(chunk)
  return { text: Buffer.concat(chunks).toString(), outcome: payload.getOutcome() }
}

test('the body is the same for any split of the bytes', async () => {
  for (let pieceSizeBytes = 1; pieceSizeBytes <= encoded.length; pieceSizeBytes++)
    expect(await decode(encoded, pieceSizeBytes)).toEqual({
      text,
      outcome: {
        sizeBytes: 11,
        md5: createHash('md5').update(text).digest(),
        checksum: { algorithm: 'crc32', value: crc(text) },
      },
    })
})

test('a body truncated at any position is incomplete', async () => {
  for (let length = 0; length < encoded.length; length++)
    await expect(decode(encoded.slice(0, length), 7)).rejects.toMatchObject({ code: 'IncompleteBody' })
})

test.each([
  ['another checksum in the trailer', encoded.replace(crc(text), crc('x')), 'BadDigest'],
  ['other bytes', encoded.replace('hello', 'jello'), 'BadDigest'],
  ['no trailer', encoded.replace(`${trailer}\r\n`, ''), 'MalformedTrailerError'],
  ['a trailer that was not announced', encoded.replace('crc32', 'sha1'), 'MalformedTrailerError'],
  ['a second trailer', encoded.replace(trailer, `${trailer}\r\nx-amz-meta-a:1`), 'MalformedTrailerError'],
  ['bytes after the end', `${encoded}x`, 'MalformedTrailerError'],
  ['a chunk longer than its size', encoded.replace('5\r\n', '4\r\n'), 'MalformedTrailerError'],
  ['a chunk size that is not a number', encoded.replace('5\r\n', '-5\r\n'), 'MalformedTrailerError'],
  ['a size line without an end', 'f'.repeat(10_000), 'MalformedTrailerError'],
])('%s is refused', async (_, source, code) => {
  await expect(decode(source, 1000)).rejects.toMatchObject({ code })
})

test.each([10, 12])('a decoded length of %i for 11 bytes is refused', async (decodedLength) => {
  await expect(decode(encoded, 3, decodedLength)).rejects.toMatchObject({ code: 'IncompleteBody' })
})
