import { join } from 'node:path'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import { accessTokenAlgorithm, signAccessToken } from '../../../functions/_lib/access/access-token.ts'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { createLoginClient, type LoggedInBody } from '../../../functions/auth/login/testing/login-client.ts'
import { bundleFunctions } from '../../bundle/bundle-functions.ts'
import { localRedirectUri } from '../../local/platform/environment/local-values.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { openServices } from '../open-services.ts'
import { readCpuMs } from '../read-cpu.ts'
import { startProcess } from '../start-process.ts'
import { compare, median } from '../statistics.ts'
import { measureMicros, prepareCryptography } from './cryptography.ts'
import { createKeepAliveClient, runInParallel } from './keep-alive-client.ts'

const workers = 16
const loginsOfSlice = 160
const sliceMs = 2_000
const cryptographyMs = 250
const slices = 5
const kinds = ['login', 'refresh', 'me'] as const
const often = '1000000000'
const unlimited = {
  LOGINS_PER_MINUTE_MAX: often,
  LOGINS_OF_IDENTITY_PER_MINUTE_MAX: often,
  REFRESHES_PER_MINUTE_MAX: often,
  REFRESHES_OF_SESSION_PER_HOUR_MAX: often,
}

type Slice = { perSecond: number; cpuMicros: number; cryptographyMicros: number }

/** Measures logins, refreshes and `me`, each beside the cryptography that it requires. */
export function createAuth(): Experiment {
  return {
    names: kinds.flatMap((kind) => [`auth-${kind}-throughput`, `auth-${kind}-cpu`]),
    about:
      `auth: ${workers} requests at once on the bundled functions. login: the second step, provider simulated in the ` +
      'measuring process; me: each time with a token not seen before. Reference: the signatures and hashes of one request ' +
      'alone, as time on the processor and as requests that one core could then answer.',
    run: measure,
  }
}

async function measure({ directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  report('bundling auth-login and auth-session')
  const names = ['auth-login', 'auth-session']
  const bundles = await bundleFunctions({ outDirectory: join(directory, 'bundles'), names })
  const resources = createResources()
  try {
    const services = resources.add(await openServices(directory))
    const start = async (name: string) => {
      const file = bundles.find((bundle) => bundle.name === name)?.file ?? ''
      const running = await startProcess(file, { ...services.environmentOf(name), ...unlimited })
      resources.add({ close: running.stop })
      return { ...running, ...resources.add(createKeepAliveClient(running.port)) }
    }
    const login = await start('auth-login')
    const session = await start('auth-session')
    const key = await readSigningKey(services.environmentOf('auth-login').AUTH_SIGNING_KEY ?? '')
    const cryptography = await prepareCryptography(key)
    const client = createLoginClient(
      { request: (path, init) => fetch(`http://127.0.0.1:${login.port}${path}`, init) },
      localRedirectUri,
    )

    const signedIn: LoggedInBody[] = []
    const deviceOf = (index: number) => `device-of-the-bench-${index}`
    const runLogins = async () => {
      const bodies: object[] = []
      for (let index = 0; index < loginsOfSlice; index += 1) {
        const begun = await client.authorize(await client.begin('kakao'), `bench-${index % workers}`)
        bodies.push({ ...begun, device_id: deviceOf(index % workers) })
      }
      signedIn.length = 0
      const waiting = bodies.entries()
      return watch(login.processId, async () => {
        const { value } = waiting.next()
        if (!value) return false
        const [index, body] = value
        const answer = await login.send<LoggedInBody>({ method: 'POST', path: '/api/v1/auth/login/kakao', body })
        if (index >= loginsOfSlice - workers) signedIn[index % workers] = answer
        return true
      })
    }
    const runRefreshes = async () => {
      const endMs = performance.now() + sliceMs
      return watch(session.processId, async (worker) => {
        if (performance.now() > endMs) return false
        signedIn[worker] = await session.send<LoggedInBody>({
          method: 'POST',
          path: '/api/v1/auth/refresh',
          body: { refresh_token: signedIn[worker]?.refresh_token, device_id: deviceOf(worker) },
        })
        return true
      })
    }
    const runMes = async () => {
      const { sub, sid } = claimsOf(signedIn[0]?.access_token ?? '')
      const tokens: string[] = []
      for (let count = 0; count < 3_000; count += 1) {
        tokens.push(await signAccessToken(key, { userId: sub, sessionId: sid }, new Date()))
      }
      const waiting = tokens.values()
      return watch(session.processId, async () => {
        const { value: token } = waiting.next()
        if (token === undefined) return false
        await session.send({ method: 'GET', path: '/api/v1/auth/me', headers: { authorization: `Bearer ${token}` } })
        return true
      })
    }
    const runs = { login: runLogins, refresh: runRefreshes, me: runMes }

    const made: Record<(typeof kinds)[number], Slice[]> = { login: [], refresh: [], me: [] }
    for (let slice = 0; slice <= slices; slice += 1) {
      report(slice === 0 ? 'auth, warming up' : `auth, slice ${slice} of ${slices}`)
      for (const kind of kinds) {
        const cryptographyMicros = await measureMicros(cryptography[kind], cryptographyMs)
        const load = await runs[kind]()
        if (slice > 0) made[kind].push({ ...load, cryptographyMicros })
      }
    }
    for (const kind of kinds) {
      const share = median(made[kind].map((slice) => slice.cryptographyMicros / slice.cpuMicros))
      note(`${kind}: ${(share * 100).toFixed(0)} % of the time on the processor is cryptography`)
    }
    return kinds.flatMap((kind) => [
      {
        name: `auth-${kind}-throughput`,
        unit: 'requests/s',
        ...compare(
          made[kind].map((slice) => ({ value: slice.perSecond, reference: 1_000_000 / slice.cryptographyMicros })),
        ),
      },
      {
        name: `auth-${kind}-cpu`,
        unit: 'µs/request',
        ...compare(made[kind].map((slice) => ({ value: slice.cpuMicros, reference: slice.cryptographyMicros }))),
      },
    ])
  } finally {
    await resources.close()
  }
}

/** Runs requests from all workers; returns requests per second, and the processor time of each in the server process. */
async function watch(
  processId: number,
  work: (worker: number) => Promise<boolean>,
): Promise<{ perSecond: number; cpuMicros: number }> {
  const cpuBeforeMs = await readCpuMs(processId)
  const startedMs = performance.now()
  const requests = await runInParallel(workers, work)
  const seconds = (performance.now() - startedMs) / 1000
  const cpuMs = (await readCpuMs(processId)) - cpuBeforeMs
  return { perSecond: requests / seconds, cpuMicros: (cpuMs * 1000) / requests }
}

async function readSigningKey(text: string) {
  const jwk = JSON.parse(text) as JWK & { kid: string }
  const { d: _, ...publicJwk } = jwk
  const [privateKey, publicKey] = await Promise.all(
    [jwk, publicJwk].map(
      async (each) => (await importJWK(each, accessTokenAlgorithm, { extractable: true })) as CryptoKey,
    ),
  )
  return { kid: jwk.kid, privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey }
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string; sid: string }
