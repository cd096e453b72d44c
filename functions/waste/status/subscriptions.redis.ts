import type { Redis } from 'ioredis'
import type { Logger } from '../../_lib/process/log.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { channelOf } from '../snapshot/snapshots.redis.ts'

export type Subscriptions = {
  /** Calls `wake` for each published snapshot of the job. Sends none while Redis is unavailable, so the caller also polls. */
  subscribe: (jobId: string, wake: () => void) => Promise<() => void>
  close: () => Promise<void>
}

/** All streams of a process share one subscriber connection, opened with the first stream. */
export function createSubscriptions(redis: RedisConnection, log: Logger): Subscriptions {
  const listeners = new Map<string, Set<() => void>>()
  let opening: Promise<Redis> | undefined

  const open = async () => {
    const subscriber = await redis.duplicate()
    // Commands sent while Redis is unavailable are dropped, so each new connection subscribes to all channels again.
    subscriber.on('ready', () => {
      if (listeners.size > 0) subscriber.subscribe(...listeners.keys()).catch(() => undefined)
    })
    subscriber.on('message', (channel: string) => {
      for (const wake of listeners.get(channel) ?? []) wake()
    })
    return subscriber
  }
  const tell = async (command: (subscriber: Redis) => Promise<unknown>) => {
    opening ??= open()
    await command(await opening).catch((error: unknown) => log.debug('A subscription could not be changed', { error }))
  }

  return {
    subscribe: async (jobId, wake) => {
      const channel = channelOf(jobId)
      const wakes = listeners.get(channel) ?? new Set()
      listeners.set(channel, wakes)
      wakes.add(wake)
      // Not awaited, so that an unavailable subscriber does not delay the first event of the stream.
      if (wakes.size === 1) void tell((subscriber) => subscriber.subscribe(channel))
      return () => {
        wakes.delete(wake)
        if (wakes.size > 0) return
        listeners.delete(channel)
        void tell((subscriber) => subscriber.unsubscribe(channel))
      }
    },
    close: async () => {
      const subscriber = await opening
      subscriber?.disconnect()
    },
  }
}
