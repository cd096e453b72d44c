import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { clientAddress } from './client-address.ts'
import type { AppEnv } from './http-app.ts'
import { type CountUse, rateLimit } from './rate-limit.ts'

/** A limit a minute for each address, for routes that nobody is signed in to yet. */
export function limitByAddress(
  options: { countUse: CountUse; trustedProxyHops: number },
  name: string,
  limit: number,
): MiddlewareHandler<AppEnv> {
  return rateLimit({
    name,
    countUse: options.countUse,
    limit,
    windowSeconds: 60,
    keyOf: (c) => clientAddress(c.req.header('x-forwarded-for'), peerAddress(c), options.trustedProxyHops),
  })
}

/** Undefined when the app is called without a socket, as tests do. */
function peerAddress(c: Context): string | undefined {
  return 'incoming' in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined
}
