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

// A session that ends elsewhere is still shown for this long at most; access itself is refused by the ended sessions.
const ttlSeconds = 30

const keyOf = (sessionId: string) => `session:${sessionId}`

function parseCopy(text: string): SessionRecord | undefined {
  try {
    return copySchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Copies of session records. Redis being away or empty only costs a read of PostgreSQL; nothing here throws. */
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
