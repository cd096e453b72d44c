import { isUuid } from '../../_lib/http/read-body.ts'
import type { Position } from '../position.ts'

export const cursorLengthMax = 100
const cursorPattern = /^([0-9]{1,16})\.([0-9a-f-]{36})$/

/** Encodes a position. A cursor is opaque to clients, so that the order of the history may change. */
export function encodeCursor({ analyzedAtUs, jobId }: Position): string {
  return Buffer.from(`${analyzedAtUs}.${jobId}`).toString('base64url')
}

/** Decodes a cursor; undefined for anything that `encodeCursor` did not create. */
export function decodeCursor(cursor: string): Position | undefined {
  if (cursor.length > cursorLengthMax) return undefined
  const [, analyzedAtUs, jobId] = cursorPattern.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (analyzedAtUs === undefined || jobId === undefined || !isUuid(jobId)) return undefined
  const position = { analyzedAtUs, jobId }
  return encodeCursor(position) === cursor ? position : undefined
}
