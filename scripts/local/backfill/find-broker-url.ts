const timeoutMs = 5_000

/** The ingress as it was given, or the one that the platform on this machine tells of. A deployment tells nobody. */
export async function findBrokerUrl(given: string | undefined, baseUrl: string): Promise<string> {
  if (given) return given
  const response = await fetch(new URL('/', baseUrl), { signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new Error(`"${baseUrl}" does not answer`, { cause })
    },
  )
  const described = (await response.json().catch(() => ({}))) as { broker_url?: string }
  if (described.broker_url) return described.broker_url
  throw new Error(`"${baseUrl}" does not say where its broker is: give its ingress by --broker-url`)
}
