import { createGlobMatcher } from './match-glob.ts'
import { bulk, push } from './resp/reply.ts'
import type { Session } from './session.ts'

/** The subscribers of each channel. */
export function createSubscriptions() {
  const byChannel = new Map<string, Set<Session>>()
  const byPattern = new Map<string, { matches: (channel: string) => boolean; sessions: Set<Session> }>()

  function unsubscribe(session: Session, channel: string) {
    session.channels.delete(channel)
    const sessions = byChannel.get(channel)
    sessions?.delete(session)
    if (sessions?.size === 0) byChannel.delete(channel)
  }

  function unsubscribePattern(session: Session, pattern: string) {
    session.patterns.delete(pattern)
    const subscribed = byPattern.get(pattern)
    subscribed?.sessions.delete(session)
    if (subscribed?.sessions.size === 0) byPattern.delete(pattern)
  }

  return {
    subscribe(session: Session, channel: string) {
      session.channels.add(channel)
      byChannel.set(channel, (byChannel.get(channel) ?? new Set()).add(session))
    },
    subscribePattern(session: Session, pattern: string) {
      session.patterns.add(pattern)
      const subscribed = byPattern.get(pattern) ?? { matches: createGlobMatcher(pattern), sessions: new Set() }
      subscribed.sessions.add(session)
      byPattern.set(pattern, subscribed)
    },
    unsubscribe,
    unsubscribePattern,
    /** Sends a message and returns how many received it; one session may receive it by several patterns. */
    publish(channel: string, message: string): number {
      let receivers = 0
      for (const session of byChannel.get(channel) ?? []) {
        session.send(push([bulk('message'), bulk(channel), bulk(message)]))
        receivers += 1
      }
      for (const [pattern, { matches, sessions }] of byPattern) {
        if (!matches(channel)) continue
        for (const session of sessions) {
          session.send(push([bulk('pmessage'), bulk(pattern), bulk(channel), bulk(message)]))
          receivers += 1
        }
      }
      return receivers
    },
    channels: () => [...byChannel.keys()],
    removeSession(session: Session) {
      for (const channel of [...session.channels]) unsubscribe(session, channel)
      for (const pattern of [...session.patterns]) unsubscribePattern(session, pattern)
    },
  }
}
export type Subscriptions = ReturnType<typeof createSubscriptions>
