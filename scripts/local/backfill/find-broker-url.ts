const timeoutMs = 5_000

/** The given ingress, or the one that the platform on this machine reports. A deployment reports none. */
export async function findBrokerUrl(given: string | undefined, baseUrl: string): Promise<string> {
  if (given) return given
  const response = await fetch(new URL('/', baseUrl), { signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new Error(`"${baseUrl}" does not answer`, { cause })
    },
  )
  const described = (await response.json().catch(() => ({}))) as { broker_url?: string }
  if (described.broker_url) return described.broker_url
  throw new Error(`"${baseUrl}" does not report its broker: pass its ingress by --broker-url`)
}
