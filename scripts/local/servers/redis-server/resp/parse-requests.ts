/** Thrown for bytes that are no request; the connection cannot be read any further. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const ARGUMENTS_MAX = 1024 * 1024
const BULK_SIZE_BYTES_MAX = 512 * 1024 * 1024
const INLINE_SIZE_BYTES_MAX = 64 * 1024

/**
 * Splits a byte stream into requests. `push` takes received bytes and returns every request that is now complete, each as
 * a list of strings with one byte per character. A request may arrive in any number of pieces.
 */
export function createRequestParser(): { push: (chunk: Buffer) => string[][] } {
  let pending: Buffer = Buffer.alloc(0)
  let arrived: Buffer[] = []
  let arrivedBytes = 0
  // A large value in many pieces must not be copied and read again for each piece.
  let neededBytes = 0

  return {
    push(chunk) {
      arrived.push(chunk)
      arrivedBytes += chunk.length
      if (pending.length + arrivedBytes < neededBytes) return []
      pending = Buffer.concat([pending, ...arrived])
      arrived = []
      arrivedBytes = 0
      const requests: string[][] = []
      let start = 0
      for (;;) {
        const step = readRequest(pending, start)
        if ('neededBytes' in step) {
          pending = pending.subarray(start)
          neededBytes = step.neededBytes - start
          return requests
        }
        start = step.end
        if (step.request.length > 0) requests.push(step.request)
      }
    },
  }
}

type Step = { request: string[]; end: number } | { neededBytes: number }

function readRequest(bytes: Buffer, start: number): Step {
  const head = readLine(bytes, start)
  if ('neededBytes' in head) return head
  if (!head.line.startsWith('*')) return { request: splitInline(head.line), end: head.end }
  const count = Number(head.line.slice(1))
  if (!/^\*-?\d+$/.test(head.line) || count > ARGUMENTS_MAX) throw new ProtocolError('invalid multibulk length')
  const request: string[] = []
  let end = head.end
  while (request.length < count) {
    const size = readLine(bytes, end)
    if ('neededBytes' in size) return size
    if (!size.line.startsWith('$')) throw new ProtocolError(`expected '$', got '${size.line[0] ?? '\\r'}'`)
    const length = Number(size.line.slice(1))
    if (!/^\$\d+$/.test(size.line) || length > BULK_SIZE_BYTES_MAX) throw new ProtocolError('invalid bulk length')
    if (bytes.length < size.end + length + 2) return { neededBytes: size.end + length + 2 }
    request.push(bytes.toString('latin1', size.end, size.end + length))
    end = size.end + length + 2
  }
  return { request, end }
}

function readLine(bytes: Buffer, start: number): { line: string; end: number } | { neededBytes: number } {
  const newline = bytes.indexOf(10, start)
  if (newline === -1) {
    if (bytes.length - start > INLINE_SIZE_BYTES_MAX) throw new ProtocolError('too big inline request')
    return { neededBytes: bytes.length + 1 }
  }
  const lineEnd = bytes[newline - 1] === 13 && newline > start ? newline - 1 : newline
  return { line: bytes.toString('latin1', start, lineEnd), end: newline + 1 }
}

const splitInline = (line: string) => line.split(/\s+/).filter((word) => word !== '')
