/** One answer; the length of a chunked body includes its framing. */
export type Answer = { status: number; bodyBytes: number }

const headEnd = Buffer.from('\r\n\r\n')
const chunkedEnd = Buffer.from('\r\n0\r\n\r\n')

/**
 * Separates the HTTP/1.1 answers of one connection without pipelining, framed as in RFC 9112 (6.3): by length, or chunked
 * without trailers. Calls `onAnswer` for each. Throws for an answer without a length.
 */
export function createAnswerReader(onAnswer: (answer: Answer) => void): (chunk: Buffer) => void {
  let buffered: Buffer = Buffer.alloc(0)
  let length: number | undefined
  let status = 0
  let bodyStart = 0
  return (chunk) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
    if (bodyStart === 0) {
      const end = buffered.indexOf(headEnd)
      if (end < 0) return
      const head = buffered.toString('latin1', 0, end + 2)
      status = Number(head.slice(9, 12))
      bodyStart = end + headEnd.length
      const declared = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1]
      length = declared === undefined ? undefined : Number(declared)
      if (length === undefined && !/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) {
        throw new Error(`An answer with status ${status} has no length`)
      }
    }
    // The search starts two bytes before the body, which replace the line end before an empty last chunk.
    const isComplete =
      length === undefined
        ? buffered
            .subarray(bodyStart - 2)
            .subarray(-chunkedEnd.length)
            .equals(chunkedEnd)
        : buffered.length - bodyStart >= length
    if (!isComplete) return
    const bodyBytes = length ?? buffered.length - bodyStart
    buffered = Buffer.alloc(0)
    bodyStart = 0
    onAnswer({ status, bodyBytes })
  }
}
