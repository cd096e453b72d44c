import { isUuid } from '../../_lib/http/read-body.ts'

/** Encodes the id of the last item of a page (a UUID) as a cursor that is opaque to callers. */
export const encodeCursor = (deadLetterId: string): string =>
  Buffer.from(deadLetterId.replaceAll('-', ''), 'hex').toString('base64url')

/** Returns the id in a cursor; undefined for a text that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): string | undefined {
  if (cursor.length !== 22) return undefined
  const id = Buffer.from(cursor, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return isUuid(id) && encodeCursor(id) === cursor ? id : undefined
}
