import type { Reply } from './reply.ts'

/** The RESP version of a connection: 2 until it sends HELLO 3. */
export type Protocol = 2 | 3

const bulkText = (bytes: string) => `$${bytes.length}\r\n${bytes}\r\n`
const oneLine = (text: string) => text.replace(/[\r\n]/g, ' ')

/** Encodes an answer as bytes, one per character (to be sent as latin1). */
export function encodeReply(reply: Reply, protocol: Protocol): string {
  const resp3 = protocol === 3
  switch (reply.kind) {
    case 'simple':
      return `+${reply.text}\r\n`
    case 'error':
      return `-${oneLine(reply.text)}\r\n`
    case 'integer':
      return `:${reply.value}\r\n`
    case 'bulk':
      return bulkText(reply.bytes)
    case 'verbatim':
      return resp3 ? `=${reply.bytes.length + 4}\r\ntxt:${reply.bytes}\r\n` : bulkText(reply.bytes)
    case 'null':
      return resp3 ? '_\r\n' : '$-1\r\n'
    case 'sequence':
      return encodeAll(reply.items, protocol)
    case 'array':
      return `*${reply.items.length}\r\n${encodeAll(reply.items, protocol)}`
    case 'set':
      return `${resp3 ? '~' : '*'}${reply.items.length}\r\n${encodeAll(reply.items, protocol)}`
    case 'push':
      return `${resp3 ? '>' : '*'}${reply.items.length}\r\n${encodeAll(reply.items, protocol)}`
    case 'map':
      return `${resp3 ? `%${reply.items.length / 2}` : `*${reply.items.length}`}\r\n${encodeAll(reply.items, protocol)}`
  }
}

function encodeAll(items: readonly Reply[], protocol: Protocol): string {
  let text = ''
  for (const item of items) text += encodeReply(item, protocol)
  return text
}
