import * as z from 'zod'

export const providers = ['kakao', 'naver', 'google'] as const

export const providerSchema = z.enum(providers)

export type Provider = z.infer<typeof providerSchema>

/** What differs between the login providers, as their documents say. */
export type ProviderProfile = {
  /** Kakao separates scopes by commas in its own documents, and takes spaces as the standard has it. */
  scope: string
  /** Naver lists no nonce; there the login rests on state and PKCE. */
  echoesNonce: boolean
  /** Naver wants the state at its token endpoint too. */
  stateAtTokenEndpoint: boolean
  /** Spellings of the issuer in an id token, beside the one of the discovery document. */
  issuerAliases: readonly string[]
}

export const providerProfiles: Record<Provider, ProviderProfile> = {
  kakao: { scope: 'openid profile_nickname', echoesNonce: true, stateAtTokenEndpoint: false, issuerAliases: [] },
  naver: { scope: 'openid profile', echoesNonce: false, stateAtTokenEndpoint: true, issuerAliases: [] },
  google: {
    scope: 'openid profile',
    echoesNonce: true,
    stateAtTokenEndpoint: false,
    issuerAliases: ['accounts.google.com'],
  },
}
