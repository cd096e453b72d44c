import { randomBytes } from 'node:crypto'
import { pause } from '../../../lib/pause.ts'
import { sendCallFault } from '../call-faults.ts'
import { type Exchange, sendHtml, sendJson, startHttpServer } from '../http-server.ts'
import { authorize } from './authorize.ts'
import { exchangeToken } from './exchange-token.ts'
import { google } from './google.ts'
import { createGrants } from './grants.ts'
import { createIdToken } from './id-token.ts'
import { kakao } from './kakao.ts'
import { DISCOVERY_PATH, endpointOf, noCalls } from './login-endpoint.ts'
import {
  concerns,
  type LoginEndpoint,
  type LoginFaultSettings,
  noFaults,
  parseLoginCommand,
  parseLoginSettings,
  toWireSettings,
} from './login-faults.ts'
import { naver } from './naver.ts'
import type { LoginContext, Provider, ProviderName } from './provider.ts'
import { createSigningKeys } from './signing-keys.ts'

export type { IdTokenFault, LoginEndpoint, LoginFaultSettings } from './login-faults.ts'
export type { ProviderName } from './provider.ts'

export type LoginSimulatorOptions = {
  provider: ProviderName
  host?: string
  /** 0 takes any free port. */
  port?: number
  /** The origin under which clients reach the simulator, when it differs from the listening address. */
  publicOrigin?: string
  clientId: string
  clientSecret: string
  /** Exact redirect URIs; without them any loopback address is accepted. */
  redirectUris?: readonly string[]
  kakao?: { appId?: number; adminKey?: string }
  naver?: { echoNonce?: boolean }
  google?: { issuerWithoutScheme?: boolean }
  now?: () => Date
  /** Unguessable text for codes and tokens. */
  randomToken?: () => string
}

export type LoginControl = {
  /** Replaces the named settings. */
  set: (changes: Partial<LoginFaultSettings>) => void
  rotateKey: (options: { keepOld: boolean }) => Promise<void>
  /** Restores the initial settings and counts; sessions and keys stay. */
  reset: () => void
  /** Requests by endpoint. */
  calls: () => Record<LoginEndpoint, number>
  /** Names of the people who have signed in and not been unlinked since. */
  linked: () => string[]
}

export type LoginSimulator = { url: string; issuer: string; control: LoginControl; close: () => Promise<void> }

/** Starts one simulated login provider. `issuer` is its OIDC issuer, which serves the discovery document. */
export async function startLoginSimulator(options: LoginSimulatorOptions): Promise<LoginSimulator> {
  const { host = '127.0.0.1', port = 0, now = () => new Date(), clientId } = options
  const randomToken = options.randomToken ?? (() => randomBytes(32).toString('base64url'))
  const provider = createProvider(options)
  const keys = await createSigningKeys()
  let settings = noFaults()
  let calls = noCalls()
  const control: LoginControl = {
    set(changes) {
      settings = { ...settings, ...parseLoginSettings(changes) }
    },
    rotateKey: keys.rotate,
    reset() {
      settings = noFaults()
      calls = noCalls()
    },
    calls: () => ({ ...calls }),
    linked: () => context.grants.people().map(({ name }) => name),
  }
  const context: LoginContext = {
    issuer: '',
    clientId,
    clientSecret: options.clientSecret,
    ...(options.redirectUris && { redirectUris: options.redirectUris }),
    grants: createGrants({ now, randomToken }),
    now,
    settings: () => settings,
    emailOf: ({ name, email }) =>
      settings.emailMissing.includes(name)
        ? undefined
        : { address: email, verified: !settings.emailUnverified.includes(name) },
  }

  const takeFault = () => {
    const [outcome, ...queue] = settings.queue
    settings = { ...settings, queue }
    return outcome === 'ok' ? undefined : outcome
  }

  async function handle(exchange: Exchange): Promise<void> {
    const { response, method, url, signal } = exchange
    if (url.pathname === '/') return sendJson(response, 200, explain(provider.name))
    if (url.pathname === '/_control') return await handleControl(exchange)
    const endpoint = endpointOf(provider, url.pathname)
    if (!endpoint)
      return sendJson(response, 404, { error: 'not_found', error_description: `No "${url.pathname}" here.` })
    calls[endpoint] += 1
    if (concerns(settings.slow, endpoint)) await pause(settings.latencyMs, signal)
    if (signal.aborted) return
    if (concerns(settings.down, endpoint)) return sendJson(response, 503, { error: 'temporarily_unavailable' })
    const fault = concerns(settings.queueFor, endpoint) ? takeFault() : undefined
    if (fault) {
      return await sendCallFault(exchange, fault, settings.retryAfterSeconds, (status) => ({
        error: status === 401 ? 'invalid_token' : 'simulated_fault',
        msg: `simulated ${status}`,
        code: status === 401 ? -401 : -1,
      }))
    }
    const answer = answers[`${method} ${url.pathname}`]
    if (!answer)
      return sendJson(response, 405, { error: 'method_not_allowed', error_description: `No ${method} here.` })
    await answer(exchange)
  }

  const answerAuthorize = ({ response, url, method, body }: Exchange) => {
    const parameters = method === 'POST' ? new URLSearchParams(body.toString()) : url.searchParams
    const answer = authorize(context, provider, parameters)
    if ('html' in answer) return sendHtml(response, answer.status, answer.html)
    response.writeHead(302, { location: answer.redirect, 'cache-control': 'no-store' }).end()
  }
  const answerToken = async ({ request, response, body }: Exchange) => {
    const form = new URLSearchParams(body.toString())
    const answer = exchangeToken(context, provider, { form, authorizationHeader: request.headers.authorization })
    const headers = { 'cache-control': 'no-store', pragma: 'no-cache' }
    if ('body' in answer) return sendJson(response, answer.status, answer.body, headers)
    const idToken = await createIdToken(context, provider, keys, answer.tokens)
    sendJson(response, 200, provider.tokenBody(answer.tokens, idToken, answer.newRefreshToken), headers)
  }
  const answers: Record<string, (exchange: Exchange) => unknown> = {
    [`GET ${DISCOVERY_PATH}`]: ({ response }) => sendJson(response, 200, provider.discovery(context.issuer)),
    [`GET ${provider.paths.jwks}`]: ({ response }) => sendJson(response, 200, keys.keySet()),
    [`GET ${provider.paths.authorize}`]: answerAuthorize,
    [`POST ${provider.paths.authorize}`]: answerAuthorize,
    [`POST ${provider.paths.token}`]: answerToken,
    ...Object.fromEntries(
      Object.entries(provider.profileRoutes).map(([place, answer]) => [
        place,
        (exchange: Exchange) => answer(context, exchange),
      ]),
    ),
  }

  async function handleControl({ response, method, body }: Exchange): Promise<void> {
    try {
      if (method === 'DELETE') control.reset()
      if (method === 'POST') {
        const { rotateKey, ...changes } = parseLoginCommand(body.toString())
        control.set(changes)
        if (rotateKey) await control.rotateKey({ keepOld: rotateKey.keep_old })
      }
      sendJson(response, 200, { ...toWireSettings(settings), calls, linked: control.linked() })
    } catch (error) {
      sendJson(response, 400, { error: 'invalid_settings', error_description: String(error) })
    }
  }

  const server = await startHttpServer({ host, port, handle })
  context.issuer = options.publicOrigin ?? server.origin
  return { url: context.issuer, issuer: context.issuer, control, close: server.close }
}

function createProvider(options: LoginSimulatorOptions): Provider {
  const { clientId } = options
  switch (options.provider) {
    case 'kakao':
      return kakao(options.kakao)
    case 'naver':
      return naver({ clientId, ...options.naver })
    case 'google':
      return google({ clientId, ...options.google })
  }
}

function explain(provider: ProviderName) {
  const explanation =
    `This is a simulated ${provider} login. It signs in the person that login_hint names and asks for no password. ` +
    'Faults: GET, POST and DELETE /_control.'
  return { simulated: true, explanation, discovery: DISCOVERY_PATH }
}
