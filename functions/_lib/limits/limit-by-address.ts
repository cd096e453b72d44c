import type { BlockList } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http/http-app.ts'
import { clientAddressOf, limitedNetworkOf } from './client-address.ts'
import { type CountUse, rateLimit } from './rate-limit.ts'

/**
 * Middleware that limits the requests a minute of each address, for routes that need no token. Thousands of people share one IPv4
 * address of a mobile carrier, so the limit stays far above what an honest crowd needs; what is expensive has a limit of its own. Throws
 * `ProblemError` 429 beyond it.
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
