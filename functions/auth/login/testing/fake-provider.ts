import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

export type FakeProvider = Awaited<ReturnType<typeof startFakeProvider>>

/** A fake OpenID provider: each endpoint is a function that a test may replace. */
export async function startFakeProvider() {
  const requests: Record<'discovery' | 'jwks' | 'token', number> = { discovery: 0, jwks: 0, token: 0 }
  const forms: URLSearchParams[] = []
  const key = await createKey('key-1')
  const keySet: { keys: JWK[] } = { keys: [key.publicJwk] }
  const sendJson = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const answers = {
    discovery: (response: ServerResponse): void => void sendJson(response, provider.document()),
    jwks: (response: ServerResponse): void => void sendJson(response, keySet),
    token: (response: ServerResponse): void => void sendJson(response, {}),
  }
  const server = createServer(async (request, response) => {
    const name = request.url?.startsWith('/token') ? 'token' : request.url?.startsWith('/jwks') ? 'jwks' : 'discovery'
    requests[name] += 1
    let body = ''
    for await (const chunk of request) body += chunk
    if (name === 'token') forms.push(new URLSearchParams(body))
    answers[name](response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const provider = {
    issuer,
    key,
    keySet,
    answers,
    requests,
    forms,
    sendJson,
    documentChanges: {} as Record<string, unknown>,
    document: () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      ...provider.documentChanges,
    }),
    /** Makes the token endpoint answer with this id token. */
    issue: (idToken: string, extra: Record<string, unknown> = {}) => {
      answers.token = (response) => sendJson(response, { access_token: 'theirs', ...extra, id_token: idToken })
    },
    sign: (claims: JWTPayload, by: TestKey = key) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: by.kid }).sign(by.privateKey),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return provider
}

export type TestKey = { kid: string; privateKey: CryptoKey; privateJwk: JWK; publicJwk: JWK }

export async function createKey(kid: string): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  return {
    kid,
    privateKey,
    privateJwk: await exportJWK(privateKey),
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
  }
}
