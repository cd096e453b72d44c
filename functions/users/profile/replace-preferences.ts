import { notFound } from '../../_lib/http/errors.ts'
import type { Preferences } from '../preferences.ts'
import type { ExpectedVersions, Replaced, Versioned } from '../versioned.ts'
import { acceptReplaced } from './accept-replaced.ts'

export type PreferencesDeps = {
  /** The defaults for a person who has chosen nothing; undefined when there is no such account any more. */
  findPreferences: (userId: string) => Promise<Versioned<Preferences> | undefined>
  replacePreferences: (
    userId: string,
    preferences: Preferences,
    expected: ExpectedVersions,
  ) => Promise<Replaced<Preferences>>
}

export async function readPreferences(
  deps: Pick<PreferencesDeps, 'findPreferences'>,
  userId: string,
): Promise<Versioned<Preferences>> {
  const found = await deps.findPreferences(userId)
  if (!found) throw notFound()
  return found
}

/** Replaces all preferences, unless somebody else has done so since the versions that are expected. */
export async function replacePreferences(
  deps: Pick<PreferencesDeps, 'replacePreferences'>,
  input: { userId: string; preferences: Preferences; expected: ExpectedVersions },
): Promise<Versioned<Preferences>> {
  return acceptReplaced(await deps.replacePreferences(input.userId, input.preferences, input.expected))
}
