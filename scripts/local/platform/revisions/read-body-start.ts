import type { IncomingMessage } from 'node:http'

/** The whole body when it has no more than so many bytes. Otherwise undefined, and nothing of it is lost to who reads next. */
export async function readBodyStart(incoming: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const declared = Number(incoming.headers['content-length'] ?? 0)
  if (declared > bytesMax || incoming.headers['transfer-encoding'] !== undefined) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
