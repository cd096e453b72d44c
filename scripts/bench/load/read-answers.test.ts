import { expect, test } from 'vitest'
import { type Answer, createAnswerReader } from './read-answers.ts'

const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const chunked = 'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
const empty = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'

function read(chunks: readonly string[]): Answer[] {
  const answers: Answer[] = []
  const reader = createAnswerReader((answer) => answers.push(answer))
  for (const chunk of chunks) reader(Buffer.from(chunk))
  return answers
}

test('answers of one connection are separated, framed by length or in chunks', () => {
  expect(read([withLength, chunked, withLength, empty])).toEqual([
    { status: 200, bodyBytes: 5 },
    { status: 404, bodyBytes: 13 },
    { status: 200, bodyBytes: 5 },
    { status: 200, bodyBytes: 5 },
  ])
})

test.each([withLength, chunked, empty])('an answer is the same for any split of its bytes', (text) => {
  const whole = read([text])
  expect(whole).toHaveLength(1)
  for (let place = 1; place < text.length; place += 1) {
    expect(read([text.slice(0, place), text.slice(place)])).toEqual(whole)
  }
  expect(read([text.slice(0, -1)])).toEqual([])
})

test('an answer without a length is an error', () => {
  expect(() => read(['HTTP/1.1 200 OK\r\n\r\n'])).toThrow('has no length')
})
