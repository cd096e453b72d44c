import type { Preferences } from '../preferences.ts'
import type { Versioned } from '../versioned.ts'
import type { Profile } from './profile.ts'

/** Renders the body of `GET /users/profile`. */
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

/** Renders the body of `GET /users/preferences`: the body of `PUT` with the time of the last change. */
export const renderPreferences = ({ value, updatedAt }: Versioned<Preferences>) => ({
  ...value,
  updated_at: updatedAt?.toISOString() ?? null,
})
