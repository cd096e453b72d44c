import * as z from 'zod'
import { notFound } from '../../_lib/http/errors.ts'
import { withoutControls } from '../../_lib/http/request-values.ts'
import type { ExpectedVersions, Replaced, Versioned } from '../versioned.ts'
import { acceptReplaced } from './accept-replaced.ts'

const displayNameLengthMax = 40
// Controls, line ends, and marks that turn the direction of the text around it.
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

/** What a person may change of the profile. */
export type ProfileFields = z.output<typeof profileSchema>

export type Profile = {
  userId: string
  /** Of the login provider, until the person has chosen another. */
  displayName: string | null
  /** Of the login provider: an https address that is shown, and never fetched here. */
  pictureUrl: string | null
  createdAt: Date
  identities: { provider: string; createdAt: Date; lastLoginAt: Date }[]
}

export type ProfileDeps = {
  /** Undefined when there is no such account any more. */
  findProfile: (userId: string) => Promise<Versioned<Profile> | undefined>
  replaceProfile: (
    userId: string,
    fields: ProfileFields,
    expected: ExpectedVersions,
  ) => Promise<Replaced<ProfileFields>>
}

/** The profile of a person. An account that was deleted a moment ago is missing, whatever its access token says. */
export async function profile(deps: Pick<ProfileDeps, 'findProfile'>, userId: string): Promise<Versioned<Profile>> {
  const found = await deps.findProfile(userId)
  if (!found) throw notFound()
  return found
}

/** Replaces what the person may change, unless somebody else has done so since the versions that are expected. */
export async function replaceProfile(
  deps: ProfileDeps,
  input: { userId: string; fields: ProfileFields; expected: ExpectedVersions },
): Promise<Versioned<Profile>> {
  const stored = acceptReplaced(await deps.replaceProfile(input.userId, input.fields, input.expected))
  const { value } = await profile(deps, input.userId)
  return { ...stored, value: { ...value, displayName: stored.value.display_name } }
}
