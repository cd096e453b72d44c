import * as z from 'zod'
import { accessTokenLifetimeSeconds } from '../_lib/access/access-token.ts'

/** The response to a login and to a refresh. */
export const signedInSchema = z
  .strictObject({
    access_token: z.string().min(1).describe('Sent as `Authorization: Bearer …`.'),
    token_type: z.literal('Bearer').describe('Always `Bearer`.'),
    expires_in: z.int().min(1).describe('Lifetime of the access token in seconds.'),
    refresh_token: z
      .string()
      .min(1)
      .optional()
      .describe('Good for one refresh. Absent for a web client, which gets it in a cookie that no script can read.'),
    user: z
      .strictObject({
        user_id: z.uuid().describe('Id of the person.'),
        display_name: z.string().nullable().describe('Name from the provider; null when it gives none.'),
        is_new: z.boolean().describe('True at the first login of this person.'),
      })
      .describe('Who has signed in.'),
  })
  .meta({ id: 'SignedIn', description: 'A session, with its tokens.' })

export const userIdExample = '0198c5f1-03aa-7c11-8a0e-5d1c2b7e9f40'
export const sessionIdExample = '0198c5f1-03ad-7f27-b3a1-6c0e8d4b2a19'

/** Formatted like tokens, but recognizable as examples to readers and to secret scanners. */
export const signedInExample = {
  access_token: 'eyJhbGciOiJFUzI1NiJ9.example.signature',
  token_type: 'Bearer',
  expires_in: accessTokenLifetimeSeconds,
  refresh_token: 'example-refresh-token-example-refresh-token',
  user: { user_id: userIdExample, display_name: '라이언', is_new: false },
} as const satisfies z.input<typeof signedInSchema>

/** The problem of every route that a web client calls with its cookies. */
export const crossSite = {
  code: 'forbidden',
  reason: 'cross_site_request',
  when: 'A web client without the `Origin` of one of our pages or without `X-Growbin-Client: web`.',
} as const
