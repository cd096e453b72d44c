import type { Preferences } from '../preferences.ts'
import type { Versioned } from '../versioned.ts'
import type { Profile } from './profile.ts'

/** The body of `GET /users/profile`. */
export const renderProfile = ({ value, updatedAt }: Versioned<Profile>) => ({
  user_id: value.userId,
  display_name: value.displayName,
  picture_url: value.pictureUrl,
  created_at: value.createdAt.toISOString(),
  updated_at: updatedAt?.toISOString() ?? null,
  identities: value.identities.map(({ provider, createdAt, lastLoginAt }) => ({
    provider,
    created_at: createdAt.toISOString(),
    last_login_at: lastLoginAt.toISOString(),
  })),
})

/** The body of `GET /users/preferences`: what `PUT` takes, and when it was chosen. */
export const renderPreferences = ({ value, updatedAt }: Versioned<Preferences>) => ({
  ...value,
  updated_at: updatedAt?.toISOString() ?? null,
})
