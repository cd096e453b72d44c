import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import { createLocalCounter } from '../../_lib/limits/rate-limit.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { defaultPreferences } from '../preferences.ts'
import { createPeople, type People } from '../testing/people.ts'
import { type ExportDeps, exportPerson } from './export/export-person.ts'
import { createAnalysesReader } from './export/read-analyses.pg.ts'
import { createSessionsReader } from './export/read-sessions.pg.ts'
import { createHandler } from './handler.ts'
import { createPreferencesStore } from './preferences.pg.ts'
import { profile, replaceProfile } from './profile.ts'
import { createProfileStore } from './profiles.pg.ts'
import { readPreferences, replacePreferences } from './replace-preferences.ts'

let database: TestDatabase
let people: People
let app: HttpApp
let exportDeps: ExportDeps

const pageSize = 3
const now = new Date('2026-11-21T00:00:00Z')

beforeAll(async () => {
  database = await createTestDatabase()
  people = createPeople(database.query)
  const asUsers = database.openAs('users')
  const profiles = createProfileStore(asUsers)
  const preferences = createPreferencesStore(asUsers)
  exportDeps = {
    ...profiles,
    ...preferences,
    readSessions: createSessionsReader(asUsers),
    readAnalyses: createAnalysesReader(asUsers, pageSize),
    now: () => now,
  }
  app = createHandler({
    log: silentLog,
    metrics: createMetrics('users-profile'),
    // The token of a person is the id of the person here.
    verifyAccessToken: async (token) => ({ userId: token, sessionId: token }),
    countUse: createLocalCounter(),
    requestsPerMinuteMax: 1_000,
    exportsPerHourMax: 3,
    profile: (userId) => profile(profiles, userId),
    replaceProfile: (input) => replaceProfile(profiles, input),
    preferences: (userId) => readPreferences(preferences, userId),
    replacePreferences: (input) => replacePreferences(preferences, input),
    exportPerson: (userId) => exportPerson(exportDeps, userId),
  })
})
afterAll(() => database.close())

const get = (userId: string, path: string) =>
  app.request(`/api/v1/users/${path}`, { headers: { authorization: `Bearer ${userId}` } })
const put = (userId: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(`/api/v1/users/${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${userId}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const answerOf = async (response: Response) => ({
  status: response.status,
  etag: response.headers.get('etag'),
  body: (await response.json()) as Record<string, unknown>,
})

const rfc3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const chosen = {
  language: 'en',
  notifications: { analysis_completed: false, weekly_summary: true, announcements: true },
  region: '50110',
}
const documents = [
  ['profile', { display_name: '바다' }],
  ['preferences', chosen],
] as const

describe('profile', () => {
  it('has the name of the login provider until the person chooses another', async () => {
    const userId = await people.addAccount()
    const common = {
      user_id: userId,
      picture_url: null,
      created_at: rfc3339,
      identities: [{ provider: 'kakao', created_at: rfc3339, last_login_at: rfc3339 }],
    }
    expect(await answerOf(await get(userId, 'profile'))).toEqual({
      status: 200,
      etag: '"0"',
      body: { ...common, display_name: '김하늘', updated_at: null },
    })
    const replaced = { status: 200, etag: '"1"', body: { ...common, display_name: '바다', updated_at: rfc3339 } }
    expect(await answerOf(await put(userId, 'profile', { display_name: ' 바다 ' }))).toEqual(replaced)
    expect(await answerOf(await get(userId, 'profile'))).toEqual(replaced)
  })

  it('has the picture of the login provider', async () => {
    const userId = await people.addAccount()
    const pictureUrl = 'https://img.example.com/sky.jpg'
    await database.query('update auth.accounts set picture_url = $2 where user_id = $1', [userId, pictureUrl])
    expect((await answerOf(await get(userId, 'profile'))).body.picture_url).toBe(pictureUrl)
  })

  it('may have no name, when the provider gave none', async () => {
    const userId = await people.addAccount(randomUUID(), null)
    expect((await answerOf(await get(userId, 'profile'))).body.display_name).toBeNull()
  })

  it.each(['', '   ', 'x'.repeat(41), 'a\u0000b', 'a\nb', 'a\u202eb', '\ud800', 7, null])(
    'refuses %j as a name and points at it',
    async (name) => {
      const userId = await people.addAccount()
      const problem = await expectProblem(await put(userId, 'profile', { display_name: name }), 400)
      expect(problem.errors?.map(({ pointer }) => pointer)).toContain('/display_name')
    },
  )

  it.each(['👨‍👩‍👧'.repeat(8), 'é'.normalize('NFD').repeat(40), '가'.repeat(40)])(
    'accepts %s, counted in characters and not in bytes',
    async (name) => {
      const userId = await people.addAccount()
      const { status, body } = await answerOf(await put(userId, 'profile', { display_name: name }))
      expect({ status, name: body.display_name }).toEqual({ status: 200, name: name.normalize('NFC') })
    },
  )
})

describe('preferences', () => {
  it('are the defaults until all of them are replaced', async () => {
    const userId = await people.addAccount()
    const atFirst = { status: 200, etag: '"0"', body: { ...defaultPreferences, updated_at: null } }
    expect(await answerOf(await get(userId, 'preferences'))).toEqual(atFirst)
    const replaced = { status: 200, etag: '"1"', body: { ...chosen, updated_at: rfc3339 } }
    expect(await answerOf(await put(userId, 'preferences', chosen))).toEqual(replaced)
    expect(await answerOf(await get(userId, 'preferences'))).toEqual(replaced)
  })

  it('have the default of a notification that was added after they were stored', async () => {
    const userId = await people.addAccount()
    await database.query(
      `insert into users.preferences (user_id, language, notifications) values ($1, 'ko', '{"weekly_summary": true}')`,
      [userId],
    )
    const { body } = await answerOf(await get(userId, 'preferences'))
    expect(body.notifications).toEqual({ analysis_completed: true, weekly_summary: true, announcements: false })
  })

  it.each([
    [{ ...chosen, language: 'fr' }, '/language'],
    [{ ...chosen, region: '1114' }, '/region'],
    [{ ...chosen, region: 11140 }, '/region'],
    [{ ...chosen, region: undefined }, '/region'],
    [{ ...chosen, notifications: { ...chosen.notifications, weekly_summary: 'yes' } }, '/notifications/weekly_summary'],
    [{ ...chosen, notifications: { ...chosen.notifications, sms: true } }, '/notifications/sms'],
  ])('refuses %j and points at what is wrong', async (body, pointer) => {
    const userId = await people.addAccount()
    const problem = await expectProblem(await put(userId, 'preferences', body), 400)
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer])
  })
})

describe.each(documents)('replacing the %s', (path, body) => {
  it('with the version that is stored succeeds, and with another changes nothing', async () => {
    const userId = await people.addAccount()
    for (const stale of ['"1"', '"7"', 'W/"0"', '"x"', '0', '"1", "2"']) {
      const problem = await expectProblem(await put(userId, path, body, { 'if-match': stale }), 409)
      expect(problem.reason).toBe('version_conflict')
    }
    expect((await answerOf(await get(userId, path))).etag).toBe('"0"')
    expect((await answerOf(await put(userId, path, body, { 'if-match': '"0"' }))).etag).toBe('"1"')
    expect((await answerOf(await put(userId, path, body, { 'if-match': '"9", "1"' }))).etag).toBe('"2"')
    expect((await answerOf(await put(userId, path, body, { 'if-match': '*' }))).etag).toBe('"3"')
    await expectProblem(await put(userId, path, body, { 'if-match': '"0"' }), 409)
    expect((await answerOf(await get(userId, path))).etag).toBe('"3"')
  })

  it('at the same time with the same version succeeds for one caller', async () => {
    const userId = await people.addAccount()
    for (const version of [0, 1]) {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => put(userId, path, body, { 'if-match': `"${version}"` })),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409])
      expect((await answerOf(await get(userId, path))).etag).toBe(`"${version + 1}"`)
    }
  })

  it('of a deleted account is 404 and writes nothing', async () => {
    const userId = randomUUID()
    await expectProblem(await put(userId, path, body), 404)
    await expectProblem(await get(userId, path), 404)
    expect(await database.query(`select from users.${path.replace(/e$/, 'es')} where user_id = $1`, [userId])).toEqual(
      [],
    )
  })

  it('of an account that is being deleted is 404 and writes nothing', async () => {
    const userId = await people.addAccount()
    await database.query(
      `insert into users.deletions (deletion_id, user_id, user_hash, event_id, traceparent)
       values ($1, $2, repeat('0', 64), $1, '')`,
      [randomUUID(), userId],
    )
    await expectProblem(await put(userId, path, body), 404)
    expect((await answerOf(await get(userId, path))).etag).toBe('"0"')
  })

  it('does not change that of others', async () => {
    const [mine, theirs] = [await people.addAccount(), await people.addAccount()]
    await put(mine, path, body)
    expect((await answerOf(await get(theirs, path))).etag).toBe('"0"')
  })
})

describe('export', () => {
  it.each([0, 1, pageSize, pageSize + 1, 3 * pageSize])('contains all of %i analyses, once each', async (count) => {
    const userId = await people.addAccount()
    // All at one time, so that only the ids distinguish them.
    const made = await people.addAnalyses(
      userId,
      Array.from({ length: count }, () => ({ analyzedAt: now })),
    )
    await put(userId, 'preferences', chosen)
    await people.addAnalyses(await people.addAccount(), [{}])
    const response = await get(userId, 'export')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="growbin-export.json"')
    const { status, body } = await answerOf(response)
    const { analyses, ...person } = body as { analyses: { job_id: string }[] }
    expect({ status, person }).toEqual({
      status: 200,
      person: {
        format: 'growbin-export-v1',
        exported_at: now.toISOString(),
        profile: (await answerOf(await get(userId, 'profile'))).body,
        preferences: (await answerOf(await get(userId, 'preferences'))).body,
        sessions: [],
      },
    })
    expect(analyses.map(({ job_id }) => job_id)).toEqual(made.toSorted().reverse())
    for (const { job_id, ...analysis } of analyses) {
      expect({ job_id, analysis }).toEqual({
        job_id,
        analysis: {
          waste_type: 'paper',
          category: 'PAPER',
          moved_to: null,
          recyclable: true,
          confidence: 0.9,
          item_name: '신문지',
          feedback: '물기 없이 펴서 배출해 주세요.',
          analyzed_at: now.toISOString(),
        },
      })
    }
  })

  it('contains the sessions of the person, without data that could be used to hijack one', async () => {
    const userId = await people.addAccount()
    const sessionId = randomUUID()
    await database.query(
      `insert into auth.sessions (session_id, user_id, provider, created_at, ends_at)
       values ($1, $2, 'kakao', $3, $3::timestamptz + interval '60 days')`,
      [sessionId, userId, now],
    )
    const { body } = await answerOf(await get(userId, 'export'))
    expect(body).toMatchObject({
      sessions: [
        { client: 'app', provider: 'kakao', created_at: now.toISOString(), last_refreshed_at: null, ended_at: null },
      ],
    })
    expect(JSON.stringify(body)).not.toContain(sessionId)
  })

  it('aborts the connection when PostgreSQL becomes unavailable in the middle, so that a part does not look complete', async () => {
    const userId = await people.addAccount()
    await people.addAnalyses(
      userId,
      Array.from({ length: pageSize + 1 }, () => ({})),
    )
    const working = exportDeps.readAnalyses
    exportDeps.readAnalyses = (person, after) => {
      return after ? Promise.reject(new Error('PostgreSQL is unavailable')) : working(person, after)
    }
    try {
      const response = await get(userId, 'export')
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
    } finally {
      exportDeps.readAnalyses = working
    }
  })

  it('is allowed a few times an hour, and then 429', async () => {
    const userId = await people.addAccount()
    const statuses: number[] = []
    for (let count = 0; count < 4; count += 1) {
      const response = await get(userId, 'export')
      await response.body?.cancel()
      statuses.push(response.status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('of a deleted account is 404', async () => {
    await expectProblem(await get(randomUUID(), 'export'), 404)
  })
})
