import type { Provider } from '../../provider.ts'

/** Anything that answers requests, such as a Hono app. */
export type RequestTarget = { request: (path: string, init: RequestInit) => Response | Promise<Response> }

export type Begun = {
  login_attempt_id: string
  authorize_url: string
  state: string
  nonce?: string
  expires_in: number
}

export type LoggedInBody = {
  access_token: string
  token_type: string
  expires_in: number
  refresh_token: string
  user: { user_id: string; display_name: string | null; is_new: boolean }
}

/** The steps of a login that an app and the browser of a person take, one call for each. */
export function createLoginClient(target: RequestTarget, redirectUri: string) {
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    target.request(`/api/v1/auth/login/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  const client = {
    post,
    begin: async (provider: Provider): Promise<Begun> => {
      const response = await post(`${provider}/begin`, { redirect_uri: redirectUri })
      if (response.status !== 201) throw new Error(`Beginning a login answered ${response.status}, expected 201`)
      return (await response.json()) as Begun
    },
    /** Signs in at the simulated provider; resolves to the request body that completes the login. */
    authorize: async (begun: Begun, name: string) => {
      const url = new URL(begun.authorize_url)
      url.searchParams.set('login_hint', name)
      const response = await fetch(url, { redirect: 'manual' })
      const returned = new URL(response.headers.get('location') ?? '').searchParams
      return {
        kind: 'authorization_code',
        login_attempt_id: begun.login_attempt_id,
        code: returned.get('code') ?? '',
        state: returned.get('state') ?? '',
        redirect_uri: redirectUri,
      }
    },
    /** A whole login; resolves to the response to its last step. */
    signIn: async (provider: Provider, name: string, changes: object = {}): Promise<Response> =>
      post(provider, { ...(await client.authorize(await client.begin(provider), name)), ...changes }),
  }
  return client
}
