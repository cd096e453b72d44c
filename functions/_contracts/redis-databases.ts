/** The number of each logical database of the one Redis, by what it holds. */
export const redisDatabase = { sessions: 0, progress: 1, analysisCache: 2, cache: 3 } as const
