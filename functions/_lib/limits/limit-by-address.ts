import type { BlockList } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http/http-app.ts'
import { clientAddressOf, limitedNetworkOf } from './client-address.ts'
import { type CountUse, rateLimit } from './rate-limit.ts'

/**
 * Middleware that allows each client address `limit` requests a minute, for routes without a token. Thousands of people share one IPv4
 * address of a mobile carrier, so the limit must be far above one person's use. `name` identifies it in `RateLimit` headers and in
 * Redis. Throws `ProblemError` 429 beyond the limit.
 *
 * @example
 * app.use('/api/v1/auth/*', limitByAddress({ countUse, trustedProxies }, 'auth-login', 600))
 */
export function limitByAddress(
  options: { countUse: CountUse; trustedProxies: BlockList },
  name: string,
  limit: number,
): MiddlewareHandler<AppEnv> {
  return rateLimit({
    name,
    countUse: options.countUse,
    limit,
    windowSeconds: 60,
    keyOf: (c) => limitedNetworkOf(clientAddressOf(c, options.trustedProxies)),
  })
}
