import { type Provider, providers } from '../../../functions/auth/provider.ts'
import { linkClient, startLinkParts } from '../../../functions/jobs/external-call/testing/link-parts.ts'
import type { LoginSimulator } from '../simulators/login/login-simulator.ts'
import { startLoginSimulator } from '../simulators/login/login-simulator.ts'
import { startTestParts } from './test-parts.ts'

export type LinkParts = Awaited<ReturnType<typeof startLocalLinkParts>>

/** The parts of `startLinkParts` over servers of this machine. */
export async function startLocalLinkParts(options: { randomToken?: () => string } = {}) {
  const simulators = Object.fromEntries(
    await Promise.all(
      providers.map(async (provider) => [provider, await startLoginSimulator({ provider, ...linkClient, ...options })]),
    ),
  ) as Record<Provider, LoginSimulator>
  return startLinkParts(await startTestParts(), simulators)
}
