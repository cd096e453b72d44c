import { isUuid } from '../../_lib/http/read-body.ts'
import type { Position } from '../position.ts'

export const cursorLengthMax = 100
const cursorPattern = /^([0-9]{1,16})\.([0-9a-f-]{36})$/

/** A cursor is opaque to callers, so that the order of a history may change one day. */
export function encodeCursor({ analyzedAtUs, jobId }: Position): string {
  return Buffer.from(`${analyzedAtUs}.${jobId}`).toString('base64url')
}

/** Resolves to undefined for everything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position | undefined {
  if (cursor.length > cursorLengthMax) return undefined
  const [, analyzedAtUs, jobId] = cursorPattern.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (analyzedAtUs === undefined || jobId === undefined || !isUuid(jobId)) return undefined
  const position = { analyzedAtUs, jobId }
  return encodeCursor(position) === cursor ? position : undefined
}
