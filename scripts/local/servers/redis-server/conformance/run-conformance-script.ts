import { Redis } from 'ioredis'
import type { Protocol } from '../resp/encode-reply.ts'
import type { ConformanceScript } from './conformance-scripts.ts'

/** An answer as JSON: bytes as latin1 text, an error as `{ error }`, unordered items sorted. */
export type Answer = null | string | number | boolean | Answer[] | { [key: string]: Answer }

// The order of these depends on the hash tables of Redis.
const UNORDERED = /^(?:keys|scan|smembers|sunion|sinter|sdiff|hkeys|hvals|hgetall)$/i

/** Runs a script with ioredis on database 15, which is emptied first, and returns one answer for each command. */
export async function runConformanceScript(
  url: string,
  protocol: Protocol,
  script: ConformanceScript,
): Promise<Answer[]> {
  const redis = new Redis(url, { protocol, db: 15, lazyConnect: true, maxRetriesPerRequest: 0 })
  try {
    await redis.connect()
    await redis.flushdb()
    const answers: Answer[] = []
    for (const line of script.commands) {
      const [name = '', ...args] = line.split(' ').map((word) => (word === '_' ? '' : word))
      answers.push(await answer(redis, name, args))
    }
    return answers
  } finally {
    redis.disconnect()
  }
}

async function answer(redis: Redis, name: string, args: string[]): Promise<Answer> {
  try {
    const plain = toAnswer(await redis.callBuffer(name, ...args))
    return UNORDERED.test(name) ? sorted(plain) : plain
  } catch (cause) {
    return { error: cause instanceof Error ? cause.message : String(cause) }
  }
}

const byText = (one: Answer, other: Answer) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

function sorted(plain: Answer): Answer {
  return Array.isArray(plain) ? plain.map(sorted).sort(byText) : plain
}

function toAnswer(value: unknown): Answer {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (value instanceof Error) return { error: value.message }
  if (Array.isArray(value)) return value.map(toAnswer)
  if (value instanceof Set) return { set: [...value].map(toAnswer).sort(byText) }
  if (value instanceof Map) return { map: [...value].map(toAnswer).sort(byText) }
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .sort()
        .map(([key, item]) => [key, toAnswer(item)]),
    )
  return String(value)
}
