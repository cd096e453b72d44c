import type { Protocol } from './resp/encode-reply.ts'
import type { Reply } from './resp/reply.ts'

/** The state of one connection. */
export type Session = {
  id: number
  protocol: Protocol
  database: number
  channels: Set<string>
  patterns: Set<string>
  /** The commands since MULTI, or undefined outside of a transaction. */
  queued: string[][] | undefined
  /** A command since MULTI could not be queued, so EXEC must refuse. */
  queueFailed: boolean
  send: (reply: Reply) => void
  /** Closes the connection after the pending answers are sent. */
  end: () => void
}

export function createSession(id: number, wire: Pick<Session, 'send' | 'end'>): Session {
  return {
    id,
    protocol: 2,
    database: 0,
    channels: new Set(),
    patterns: new Set(),
    queued: undefined,
    queueFailed: false,
    ...wire,
  }
}
