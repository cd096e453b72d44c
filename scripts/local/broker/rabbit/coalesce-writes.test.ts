import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { coalesceWrites } from './coalesce-writes.ts'

function createStream(highWaterMark = 1024) {
  const written: string[] = []
  const stream = new Writable({
    highWaterMark,
    write: (chunk, _encoding, done) => {
      written.push(String(chunk))
      done()
    },
    writev: (chunks, done) => {
      written.push(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    },
  })
  coalesceWrites(stream)
  return { stream, written }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('writes of one turn are sent together, in their order, and before the next turn', async () => {
  const { stream, written } = createStream()
  for (const text of ['a', 'b', 'c']) stream.write(text)
  expect(written).toEqual([])
  await turn()
  expect(written).toEqual(['abc'])
  stream.write('d')
  await turn()
  expect(written).toEqual(['abc', 'd'])
})

test('backpressure reaches the writer, and "drain" ends it', async () => {
  const { stream, written } = createStream(2)
  expect([stream.write('a'), stream.write('bc')]).toEqual([true, false])
  await new Promise((resolve) => stream.once('drain', resolve))
  expect(written).toEqual(['abc'])
})

test('bytes written before the end are sent', async () => {
  const { stream, written } = createStream()
  stream.write('a')
  await new Promise<void>((resolve) => stream.end('b', resolve))
  expect(written.join('')).toBe('ab')
})

test('the callback of each write is called', async () => {
  const { stream, written } = createStream()
  await Promise.all(['a', 'b'].map((text) => new Promise((resolve) => stream.write(text, resolve))))
  expect(written).toEqual(['ab'])
})
