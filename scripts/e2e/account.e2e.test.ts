import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../lib/until.ts'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type S3Store, startS3Store } from '../local/s3-store/start-s3-store.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { drawVariant } from './photos.ts'

const region = 'ap-northeast-2'
const bucket = 'prod-sesacthon-images'
const credentials = { accessKeyId: 'E2EKEY', secretAccessKey: 'an-end-to-end-secret' }

let directory: string
let store: S3Store
let platform: ChildPlatform
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'growbin-e2e-objects-'))
  store = await startS3Store({ directory, region, credentials, buckets: [bucket] })
  platform = await startChildPlatform({
    processes: false,
    real: { s3Endpoint: store.url },
    modelLatencyMs: 1_500,
    overrides: { S3_ACCESS_KEY_ID: credentials.accessKeyId, S3_SECRET_ACCESS_KEY: credentials.secretAccessKey },
  })
})
afterAll(async () => {
  await platform?.close()
  await store?.close()
  await rm(directory, { recursive: true, force: true })
})

/** Rows that name the person, in every table of every domain except the receipt of the deletion. */
async function findRows(userId: string): Promise<string[]> {
  const columns = await platform.query<{ place: string; column_name: string }>(
    `select format('%I.%I', table_schema, table_name) as place, column_name
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_type = 'BASE TABLE' and column_name in ('user_id', 'owner_id') and table_name <> 'deletions'`,
  )
  const found = await Promise.all(
    columns.map(async ({ place, column_name: column }) => {
      const [row] = await platform.query<{ rows: number }>(
        `select count(*)::int as rows from ${place} where ${column} = $1`,
        [userId],
      )
      return row?.rows ? `${place}: ${row.rows}` : undefined
    }),
  )
  return found.filter((place) => place !== undefined)
}

async function findObjects(userId: string): Promise<string[]> {
  const client = new S3Client({ region, credentials, endpoint: store.url, forcePathStyle: true })
  const { Contents: objects = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
  client.destroy()
  return objects.map((object) => object.Key ?? '').filter((key) => key.includes(userId))
}

/** Names of the people that a simulated provider has linked. */
async function linkedPeople(provider: 'kakao' | 'naver' | 'google'): Promise<string[]> {
  const { parts } = (await (await fetch(platform.url)).json()) as { parts: { name: string; address: string }[] }
  const issuers = parts.find(({ name }) => name === 'Login')?.address.split(' ') ?? []
  const issuer = issuers[['kakao', 'naver', 'google'].indexOf(provider)]
  return ((await (await fetch(`${issuer}/_control`)).json()) as { linked: string[] }).linked
}

describe.each(['kakao', 'naver', 'google'] as const)('an account of %s', (provider) => {
  it('gets its name from the provider after the login, and the provider forgets the link when it is deleted', async () => {
    const name = `a friend of ${provider}`
    const client = createGrowbinClient({ baseUrl: platform.url })
    const { user_id: userId } = await client.login(provider, name)
    const synced = () =>
      platform.query(`select from auth.profile_syncs where user_id = $1 and end_reason = 'synced'`, [userId])
    await until('The profile to be read', async () => (await synced()).length === 1, 60_000)
    expect(await client.get('/api/v1/users/profile')).toMatchObject({ display_name: `${name} (simulated)` })
    expect(await linkedPeople(provider)).toContain(name)

    await client.deleteAccount()

    await until('The link to end', async () => !(await linkedPeople(provider)).includes(name), 60_000)
    expect(await findRows(userId)).toEqual([])
    const unlinks = () => platform.query('select from auth.provider_unlinks where provider = $1', [provider])
    await until('The unlink command to be removed too', async () => (await unlinks()).length === 0)
  })
})

describe('a geocoding command', () => {
  it('that the broker has lost is sent again, and deleted with its person', async () => {
    const client = createGrowbinClient({ baseUrl: platform.url })
    const { user_id: userId } = await client.login('kakao', 'somebody who asks')
    // The state after the event of the command was lost: the relay sends it again when it is due.
    await platform.query(
      `insert into locations.geocodings (geocoding_id, owner_id, purpose, kind, question_key, asked_latitude,
         asked_longitude, event_id, traceparent, retry_at)
       values (gen_random_uuid(), $1, 'test', 'address', 'at:37.5663,126.9779', 37.5663, 126.9779,
         gen_random_uuid(), '', now())`,
      [userId],
    )
    const answered = async () => {
      const [row] = await platform.query<{ found: object | null }>(
        'select found from locations.geocodings where owner_id = $1 and ended_at is not null',
        [userId],
      )
      return row?.found ?? undefined
    }
    expect(await until('The answer of the map', answered, 60_000)).toMatchObject({
      lotAddress: '서울 중구 태평로1가 31',
      roadAddress: '서울 중구 세종대로 110',
    })
    await client.deleteAccount()
    await until('All rows to be removed', async () => (await findRows(userId)).length === 0, 60_000)
  })
})

describe('the deletion of an account', () => {
  it('F20 removes everything within a minute, discards a late result, and ends every session', async () => {
    const client = createGrowbinClient({ baseUrl: platform.url })
    const { user_id: userId } = await client.login('kakao', 'somebody who leaves')
    const answered = await client.upload(await drawVariant(9_001))
    await client.completeUpload(answered)
    await client.follow(answered, () => undefined, 30_000)
    expect(await client.get<{ items: unknown[] }>('/api/v1/users/history')).toMatchObject({
      items: [{ job_id: answered }],
    })
    const running = await client.upload(await drawVariant(9_002))
    await client.completeUpload(running)
    await until('The second call of the model', async () => (await platform.modelCalls()) >= 2)
    expect(await findObjects(userId)).not.toEqual([])

    await client.deleteAccount()

    const deletion = () =>
      platform.query('select from users.deletions where user_id = $1 and completed_at is not null', [userId])
    await until('The end of the deletion', async () => (await deletion()).length === 1, 60_000)
    // The worker still waits for the model: its late answer must have no effect.
    await until('The end of the late analysis', () =>
      platform.logs().find((line) => line.message === 'An analysis ended' && line.outcome === 'lease_lost'),
    )
    expect(await findRows(userId)).toEqual([])
    expect(await findObjects(userId)).toEqual([])
    await until(
      'The end of the access token',
      () =>
        client.status(answered).then(
          () => false,
          (error: { status: number }) => error.status === 401,
        ),
      60_000,
    )
    await expect(client.refresh()).rejects.toMatchObject({ status: 401 })
  })

  it('leaves other people alone, and lets the same person begin again', async () => {
    const stays = createGrowbinClient({ baseUrl: platform.url })
    const { user_id: stayingId } = await stays.login('naver', 'somebody who stays')
    const leaves = createGrowbinClient({ baseUrl: platform.url })
    const before = await leaves.login('google', 'somebody who comes back')
    await leaves.deleteAccount()
    await until('The account to be removed', async () => (await findRows(before.user_id)).length === 0, 60_000)
    expect(await findRows(stayingId)).not.toEqual([])
    const again = await leaves.login('google', 'somebody who comes back')
    expect(again.user_id).not.toBe(before.user_id)
    expect(await leaves.get('/api/v1/users/stats')).toMatchObject({ total: { analyses: 0 } })
  })
})
