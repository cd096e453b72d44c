import { customType, timestamp } from 'drizzle-orm/pg-core'

/** `timestamp with time zone`: a point in time to the microsecond, read as a `Date` to the millisecond. */
export const moment = (name: string) => timestamp(name, { withTimezone: true })

/** `bytea`, read by pg as a `Buffer`. */
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })

/** `xid8`: a transaction id that is never reused, as text, since its 64 bits do not fit into a number. */
export const transactionId = customType<{ data: string }>({ dataType: () => 'xid8' })
