/**
 * Views of the domain auth that every domain may read. A function that checks access tokens or operator tokens passes them to
 * `createRevocationReader`.
 */
export const revocationViews = {
  /** `session_id` of sessions that ended so lately that an access token of theirs can still be valid. */
  endedSessions: 'auth.ended_sessions_v1',
  /** `key_id` of signing keys whose tokens are refused from now on. */
  revokedKeys: 'auth.revoked_keys_v1',
} as const
