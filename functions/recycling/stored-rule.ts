/** The category and the region of a rule; null is the whole country. */
export type RuleKey = { code: string; region: string | null }

export type UpsertedRule = RuleKey & { inserted: boolean }
export type StoredRule = RuleKey & { version: number; contentHash: string }
