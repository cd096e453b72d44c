/** A document that a person replaces as a whole. Version 0 was never stored. */
export type Versioned<T> = { value: T; version: number; updatedAt: Date | null }

/** Which versions may be replaced: those that the caller names, or any. */
export type ExpectedVersions = readonly number[] | 'any'

export type Replaced<T> = { kind: 'replaced'; stored: Versioned<T> } | { kind: 'stale' } | { kind: 'no_account' }
