import type { Authorization } from './grants.ts'
import { errorPage, signInPage } from './login-pages.ts'
import { createPerson } from './people.ts'
import type { LoginContext, Provider } from './provider.ts'

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]']

export type AuthorizeAnswer = { redirect: string } | { status: number; html: string }

/**
 * The authorization endpoint: signs in the person that `login_hint` names, or asks for a name. An unknown client or
 * redirect URI gets a page; any other error is returned to the client (RFC 6749 4.1.2.1).
 */
export function authorize(context: LoginContext, provider: Provider, parameters: URLSearchParams): AuthorizeAnswer {
  const redirectUri = parameters.get('redirect_uri') ?? ''
  if (parameters.get('client_id') !== context.clientId) {
    return { status: 401, html: errorPage(provider.name, 'invalid_client', 'The client_id is not registered.') }
  }
  if (!isAllowed(redirectUri, context.redirectUris)) {
    return {
      status: 400,
      html: errorPage(provider.name, 'redirect_uri_mismatch', 'The redirect_uri is not registered.'),
    }
  }
  const state = parameters.get('state')
  const goBack = (answer: Record<string, string>): AuthorizeAnswer => {
    const target = new URL(redirectUri)
    for (const [name, value] of Object.entries({ ...answer, ...(state !== null && { state }) })) {
      target.searchParams.set(name, value)
    }
    return { redirect: target.href }
  }
  const problem = findProblem(provider, parameters)
  if (problem) return goBack(problem)
  if (context.settings().accessDenied || parameters.has('simulated_denied')) {
    return goBack({ error: 'access_denied', error_description: 'Simulated: the person refused.' })
  }
  const name = parameters.get('login_hint')?.trim()
  if (!name) {
    if (parameters.get('prompt') === 'none') return goBack({ error: 'login_required' })
    return { status: 200, html: signInPage(provider.name, provider.paths.authorize, parameters) }
  }
  const person = createPerson(name)
  const challenge = parameters.get('code_challenge')
  const nonce = parameters.get('nonce')
  const authorization: Authorization = {
    person,
    redirectUri,
    scopes: provider.parseScopes(parameters.get('scope')),
    ...(state !== null && { state }),
    ...(nonce !== null && { nonce }),
    ...(challenge !== null && {
      challenge: { value: challenge, method: parameters.get('code_challenge_method') === 'S256' ? 'S256' : 'plain' },
    }),
    refreshable: provider.refreshes(parameters, context.grants.consent(person)),
    authTimeSeconds: Math.floor(context.now().getTime() / 1000),
  }
  const extra = provider.callbackParameters?.(authorization)
  return goBack({ code: context.grants.issueCode(authorization), ...extra })
}

function findProblem(provider: Provider, parameters: URLSearchParams): Record<string, string> | undefined {
  const refuse = (error: string, error_description: string) => ({ error, error_description })
  const repeated = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1)
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  const methods = provider.plainChallenge ? ['S256', 'plain'] : ['S256']
  if (repeated) return refuse('invalid_request', `"${repeated}" is given twice.`)
  if (parameters.get('response_type') !== 'code') return refuse('unsupported_response_type', 'Expected "code".')
  if (provider.stateRequired && !parameters.get('state')) return refuse('invalid_request', 'The state is missing.')
  if ((challenge === null) !== (method === null) && !(provider.plainChallenge && method === null)) {
    return refuse('invalid_request', 'code_challenge and code_challenge_method go together.')
  }
  if (method !== null && !methods.includes(method)) {
    return refuse('invalid_request', `Found code_challenge_method "${method}", expected ${methods.join(' or ')}.`)
  }
  // RFC 7636 4.2: 43 characters are the SHA-256 of the verifier; a plain verifier may be longer.
  const form = method === 'S256' ? /^[\w-]{43}$/ : /^[\w.~-]{43,128}$/
  if (challenge !== null && !form.test(challenge)) return refuse('invalid_request', 'The code_challenge is malformed.')
  return undefined
}

function isAllowed(redirectUri: string, allowed: readonly string[] | undefined): boolean {
  if (!URL.canParse(redirectUri)) return false
  if (allowed) return allowed.includes(redirectUri)
  const { protocol, hostname } = new URL(redirectUri)
  return protocol === 'http:' && LOOPBACK_HOSTS.includes(hostname)
}
