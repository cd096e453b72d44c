import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Auth',
  description:
    'Sign in with Kakao, Naver or Google by authorization code with state, nonce and PKCE; keep, list and end sessions.',
} satisfies DomainDescription
