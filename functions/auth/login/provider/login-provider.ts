import type { ProviderTokens } from '../../provider-tokens.ts'

/** The client of one OpenID provider. Throws a 503 that names it when it is unavailable, and a 401 when it refuses the login. */
export type LoginProvider = {
  /** The URL where the person signs in. */
  authorizeUrl: (attempt: {
    state: string
    nonce: string
    codeVerifier: string
    redirectUri: string
  }) => Promise<string>
  /** Exchanges the code for the identity that the provider confirms. */
  exchangeCode: (grant: {
    code: string
    state: string
    nonce: string
    codeVerifier: string
    redirectUri: string
    /** `iss` of the redirect, when it had one (RFC 9207). */
    issuer?: string | undefined
  }) => Promise<ExchangedCode>
  /** Verifies an id token that an SDK of the provider gave to the app. Defined only for a provider that returns the nonce. */
  acceptIdToken?: (grant: { idToken: string; nonce: string }) => Promise<ProviderIdentity>
}

export type ExchangedCode = ProviderIdentity & {
  /** Set only for a provider at which later calls need tokens of the person. */
  tokens?: IssuedTokens | undefined
}

export type IssuedTokens = ProviderTokens & { expiresSeconds: number }

export type ProviderIdentity = {
  /** Never an e-mail address. Text, since Kakao's ids exceed 2^53. */
  subject: string
  displayName: string | undefined
}
