import type { LoginEndpoint } from './login-faults.ts'
import type { Provider } from './provider.ts'

export const DISCOVERY_PATH = '/.well-known/openid-configuration'

/** The endpoint of a provider that a path belongs to, for counts and faults; undefined for none. */
export function endpointOf({ paths, profileRoutes }: Provider, path: string): LoginEndpoint | undefined {
  if (path === DISCOVERY_PATH) return 'discovery'
  if (path === paths.jwks) return 'jwks'
  if (path === paths.authorize) return 'authorize'
  if (path === paths.token) return 'token'
  return Object.keys(profileRoutes).some((place) => place.endsWith(` ${path}`)) ? 'profile' : undefined
}

export function noCalls(): Record<LoginEndpoint, number> {
  return { discovery: 0, jwks: 0, authorize: 0, token: 0, profile: 0 }
}
