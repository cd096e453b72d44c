import type { ProviderTokens } from '../../provider-tokens.ts'

/** One OpenID provider. Throws a 503 that names it when it is down, and a 401 when it refuses the login. */
export type LoginProvider = {
  /** Where the person is sent to sign in. */
  authorizeUrl: (attempt: {
    state: string
    nonce: string
    codeVerifier: string
    redirectUri: string
  }) => Promise<string>
  /** Trades the code for the identity that the provider vouches for. */
  exchangeCode: (grant: {
    code: string
    state: string
    nonce: string
    codeVerifier: string
    redirectUri: string
    /** `iss` of the redirect, when it had one (RFC 9207). */
    issuer?: string | undefined
  }) => Promise<ExchangedCode>
  /** Takes an id token that an SDK of the provider gave to the app. Only where the provider sends the nonce back. */
  acceptIdToken?: (grant: { idToken: string; nonce: string }) => Promise<ProviderIdentity>
}

export type ExchangedCode = ProviderIdentity & {
  /** Where the profile can be read only with them; let go elsewhere. */
  tokens?: GivenTokens | undefined
}

export type GivenTokens = ProviderTokens & { expiresSeconds: number }

export type ProviderIdentity = {
  /** Never an e-mail address, and text, since Kakao's ids exceed 2^53. */
  subject: string
  displayName: string | undefined
}
