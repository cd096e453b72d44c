import * as z from 'zod'
import type { RedisConnection } from '../../../_lib/stores/redis.redis.ts'
import { providerSchema } from '../../provider.ts'
import type { SessionRecord } from './session-record.pg.ts'

const copySchema = z.object({
  sessionId: z.string(),
  userId: z.string(),
  displayName: z.string().nullable(),
  provider: providerSchema.nullable(),
  client: z.enum(['app', 'web']),
  createdAt: z.coerce.date(),
  authenticatedAt: z.coerce.date(),
  lastRefreshedAt: z.coerce.date().nullable(),
  endsAt: z.coerce.date(),
})

// How long a session that ended elsewhere is still shown at most; the access check refuses it independently.
const ttlSeconds = 30

const keyOf = (sessionId: string) => `session:${sessionId}`

function parseCopy(text: string): SessionRecord | undefined {
  try {
    return copySchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** A cache of session records. Nothing here throws: while Redis is unavailable or empty, PostgreSQL is read. */
export function createSessionCopies(redis: RedisConnection) {
  return {
    find: async (sessionId: string): Promise<SessionRecord | undefined> => {
      const text = await redis.use((client) => client.get(keyOf(sessionId))).catch(() => null)
      return text === null ? undefined : parseCopy(text)
    },
    keep: async (record: SessionRecord): Promise<void> => {
      await redis
        .use((client) => client.set(keyOf(record.sessionId), JSON.stringify(record), 'EX', ttlSeconds))
        .catch(() => undefined)
    },
    forget: async (sessionId: string): Promise<void> => {
      await redis.use((client) => client.del(keyOf(sessionId))).catch(() => undefined)
    },
  }
}
