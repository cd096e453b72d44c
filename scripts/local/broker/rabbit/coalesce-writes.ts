import type { Writable } from 'node:stream'

/**
 * Sends the writes of one turn of the event loop in one system call, none of them later than the end of that
 * turn. amqplib writes each frame by itself: an acknowledgement has 21 bytes.
 */
export function coalesceWrites(stream: Writable): void {
  const write = stream.write
  const writeCorked = (...sent: unknown[]): boolean => {
    if (stream.writableCorked === 0) {
      stream.cork()
      process.nextTick(() => stream.uncork())
    }
    return Reflect.apply(write, stream, sent) as boolean
  }
  stream.write = writeCorked
}
