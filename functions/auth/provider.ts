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
  /** Google's id tokens may name the issuer without `https://`. */
  issuerSchemeOptional: boolean
  /** Whether the profile of a person can be read and the link be ended only with tokens of that person. Kakao has a key for it. */
  needsTokens: boolean
}

export const providerProfiles: Record<Provider, ProviderProfile> = {
  kakao: {
    scope: 'openid profile_nickname',
    echoesNonce: true,
    stateAtTokenEndpoint: false,
    issuerSchemeOptional: false,
    needsTokens: false,
  },
  naver: {
    scope: 'openid profile',
    echoesNonce: false,
    stateAtTokenEndpoint: true,
    issuerSchemeOptional: false,
    needsTokens: true,
  },
  google: {
    scope: 'openid profile',
    echoesNonce: true,
    stateAtTokenEndpoint: false,
    issuerSchemeOptional: true,
    needsTokens: true,
  },
}
