import type { Position } from '../../position.ts'
import type { Preferences } from '../../preferences.ts'
import type { Versioned } from '../../versioned.ts'
import { type Profile, type ProfileDeps, profile } from '../profile.ts'
import { renderPreferences, renderProfile } from '../render.ts'
import { type PreferencesDeps, readPreferences } from '../replace-preferences.ts'

export type AnalysesPage = {
  /** JSON objects, separated by commas. */
  jsonObjects: string
  /** Where the next page begins; undefined after the last one. */
  next: Position | undefined
}

export type ExportedSession = {
  client: 'app' | 'web'
  provider: string | null
  /** RFC 3339 in UTC, as the other times. */
  created_at: string
  last_refreshed_at: string | null
  ended_at: string | null
}

export type ExportDeps = Pick<ProfileDeps, 'findProfile'> &
  Pick<PreferencesDeps, 'findPreferences'> & {
    readSessions: (userId: string) => Promise<ExportedSession[]>
    readAnalyses: (userId: string, after: Position | undefined) => Promise<AnalysesPage>
    now: () => Date
  }

/**
 * Exports everything that is stored about a person as one JSON document, in pieces, so that neither side holds it in memory. The
 * first page is read before the response begins, so that an unavailable database gives an error and not a truncated document.
 */
export async function exportPerson(deps: ExportDeps, userId: string): Promise<AsyncGenerator<string>> {
  const [person, preferences, sessions, firstPage] = await Promise.all([
    profile(deps, userId),
    readPreferences(deps, userId),
    deps.readSessions(userId),
    deps.readAnalyses(userId, undefined),
  ])
  return writePieces(deps, userId, { person, preferences, sessions, firstPage })
}

async function* writePieces(
  deps: ExportDeps,
  userId: string,
  first: {
    person: Versioned<Profile>
    preferences: Versioned<Preferences>
    sessions: ExportedSession[]
    firstPage: AnalysesPage
  },
): AsyncGenerator<string> {
  const head = {
    format: 'growbin-export-v1',
    exported_at: deps.now().toISOString(),
    profile: renderProfile(first.person),
    preferences: renderPreferences(first.preferences),
    sessions: first.sessions,
  }
  yield `${JSON.stringify(head).slice(0, -1)},"analyses":[${first.firstPage.jsonObjects}`
  for (let { next } = first.firstPage; next !== undefined; ) {
    const page = await deps.readAnalyses(userId, next)
    if (page.jsonObjects !== '') yield `,${page.jsonObjects}`
    next = page.next
  }
  yield ']}'
}
