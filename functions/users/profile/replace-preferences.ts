import { notFound } from '../../_lib/http/errors.ts'
import type { Preferences } from '../preferences.ts'
import type { ExpectedVersions, Replaced, Versioned } from '../versioned.ts'
import { acceptReplaced } from './accept-replaced.ts'

export type PreferencesDeps = {
  /** Resolves to the defaults for a person who has set nothing, and to undefined when the account is deleted. */
  findPreferences: (userId: string) => Promise<Versioned<Preferences> | undefined>
  replacePreferences: (
    userId: string,
    preferences: Preferences,
    expected: ExpectedVersions,
  ) => Promise<Replaced<Preferences>>
}

/** Returns the preferences of a person. Throws 404 when the account is deleted. */
export async function readPreferences(
  deps: Pick<PreferencesDeps, 'findPreferences'>,
  userId: string,
): Promise<Versioned<Preferences>> {
  const found = await deps.findPreferences(userId)
  if (!found) throw notFound()
  return found
}

/** Replaces all preferences. Throws 409 when the stored version is not an expected one, and 404 without an account. */
export async function replacePreferences(
  deps: Pick<PreferencesDeps, 'replacePreferences'>,
  input: { userId: string; preferences: Preferences; expected: ExpectedVersions },
): Promise<Versioned<Preferences>> {
  return acceptReplaced(await deps.replacePreferences(input.userId, input.preferences, input.expected))
}
