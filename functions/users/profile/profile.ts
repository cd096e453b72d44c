import * as z from 'zod'
import { notFound } from '../../_lib/http/errors.ts'
import { withoutControls } from '../../_lib/http/request-values.ts'
import type { ExpectedVersions, Replaced, Versioned } from '../versioned.ts'
import { acceptReplaced } from './accept-replaced.ts'

const displayNameLengthMax = 40
// Control characters, line separators, and marks that change the direction of the surrounding text.
const unsafeCharacters = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u

export const profileSchema = z.strictObject({
  display_name: z
    .string()
    .regex(withoutControls, 'expected text without control characters')
    .meta({ minLength: 1, maxLength: displayNameLengthMax })
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => text.isWellFormed() && !unsafeCharacters.test(text), 'expected text without control characters')
    .refine(
      (text) => text.length > 0 && [...text].length <= displayNameLengthMax,
      `expected 1 to ${displayNameLengthMax} characters`,
    ),
})

/** The fields of a profile that a person may change. */
export type ProfileFields = z.output<typeof profileSchema>

export type Profile = {
  userId: string
  /** From the login provider, until the person has chosen another. */
  displayName: string | null
  /** From the login provider: an https URL for clients, never fetched here. */
  pictureUrl: string | null
  createdAt: Date
  identities: { provider: string; createdAt: Date; lastLoginAt: Date }[]
}

export type ProfileDeps = {
  /** Resolves to undefined when the account is deleted. */
  findProfile: (userId: string) => Promise<Versioned<Profile> | undefined>
  replaceProfile: (
    userId: string,
    fields: ProfileFields,
    expected: ExpectedVersions,
  ) => Promise<Replaced<ProfileFields>>
}

/** Returns the profile of a person. Throws 404 when the account was deleted while its access token is still valid. */
export async function profile(deps: Pick<ProfileDeps, 'findProfile'>, userId: string): Promise<Versioned<Profile>> {
  const found = await deps.findProfile(userId)
  if (!found) throw notFound()
  return found
}

/** Replaces the fields that a person may change. Throws 409 when the stored version is not an expected one, 404 without an account. */
export async function replaceProfile(
  deps: ProfileDeps,
  input: { userId: string; fields: ProfileFields; expected: ExpectedVersions },
): Promise<Versioned<Profile>> {
  const stored = acceptReplaced(await deps.replaceProfile(input.userId, input.fields, input.expected))
  const { value } = await profile(deps, input.userId)
  return { ...stored, value: { ...value, displayName: stored.value.display_name } }
}
