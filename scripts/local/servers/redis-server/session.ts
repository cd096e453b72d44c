import type { Protocol } from './encode-reply.ts'
import type { Reply } from './reply.ts'

/** What the server knows of one connection. */
export type Session = {
  id: number
  address: string
  protocol: Protocol
  database: number
  name: string
  library: { name: string; version: string }
  authenticated: boolean
  channels: Set<string>
  patterns: Set<string>
  /** The commands since MULTI, or undefined outside of a transaction. */
  queued: string[][] | undefined
  /** A command since MULTI could not be queued, so EXEC must refuse. */
  queueFailed: boolean
  /** Keys under WATCH, as `database:key`. */
  watched: Set<string>
  /** A watched key was written, so EXEC must do nothing. */
  watchBroken: boolean
  send: (reply: Reply) => void
  /** Closes the connection after what was sent has gone out. */
  end: () => void
}

export function createSession(id: number, address: string, wire: Pick<Session, 'send' | 'end'>): Session {
  return {
    id,
    address,
    protocol: 2,
    database: 0,
    name: '',
    library: { name: '', version: '' },
    authenticated: false,
    channels: new Set(),
    patterns: new Set(),
    queued: undefined,
    queueFailed: false,
    watched: new Set(),
    watchBroken: false,
    ...wire,
  }
}
