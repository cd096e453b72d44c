import * as z from 'zod'

export const providers = ['kakao', 'naver', 'google'] as const

export const providerSchema = z.enum(providers)

export type Provider = z.infer<typeof providerSchema>

/** The differences between the login providers, according to their documentation. */
export type ProviderProfile = {
  /** Separated by spaces as in the standard. Kakao documents commas and accepts both. */
  scope: string
  /** Naver documents no nonce; its logins rely on state and PKCE. */
  echoesNonce: boolean
  /** Naver requires the state at its token endpoint too. */
  stateAtTokenEndpoint: boolean
  /** Google's id tokens may name the issuer without `https://`. */
  issuerSchemeOptional: boolean
  /** Whether reading a profile and ending a link need tokens of the person. For Kakao the admin key suffices. */
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
