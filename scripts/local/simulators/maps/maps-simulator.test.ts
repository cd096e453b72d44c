import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MapsSimulator, startMapsSimulator } from './maps-simulator.ts'

let maps: MapsSimulator
beforeEach(async () => {
  maps = await startMapsSimulator({ restApiKey: 'the-key' })
})
afterEach(() => maps.close())

const get = (path: string, parameters: Record<string, string>, authorization: string | undefined = 'KakaoAK the-key') =>
  fetch(`${maps.url}${path}?${new URLSearchParams(parameters)}`, {
    headers: authorization ? { authorization } : {},
    signal: AbortSignal.timeout(10_000),
  })
const answerOf = async (response: Response) => ({ status: response.status, body: await response.json() })
const addressOf = (x: string, y: string) => get('/v2/local/geo/coord2address.json', { x, y })
const search = (query: string, more: Record<string, string> = {}) =>
  get('/v2/local/search/address.json', { query, ...more })
const control = (body: object) => fetch(`${maps.url}/_control`, { method: 'POST', body: JSON.stringify(body) })

it('marks every answer as simulated', async () => {
  expect(await (await fetch(maps.url)).json()).toMatchObject({ simulated: true })
  expect((await addressOf('126.9779', '37.5663')).headers.get('x-simulated')).toBe('growbin')
})

it('reads x as the longitude: swapped coordinates find nothing', async () => {
  expect(await answerOf(await addressOf('126.978', '37.566'))).toMatchObject({
    status: 200,
    body: {
      meta: { total_count: 1 },
      documents: [
        {
          address: { address_name: '서울 중구 태평로1가 31', main_address_no: '31', mountain_yn: 'N' },
          road_address: { address_name: '서울 중구 세종대로 110', road_name: '세종대로', zone_no: '04524' },
        },
      ],
    },
  })
  expect(await answerOf(await addressOf('37.566', '89.9'))).toEqual({
    status: 200,
    body: { meta: { total_count: 0 }, documents: [] },
  })
  expect((await addressOf('37.566', '126.978')).status).toBe(400)
})

it('answers coordinates as text, and null where there is no address by street', async () => {
  const { body } = await answerOf(await search('독도리 산 1'))
  expect(body).toMatchObject({ documents: [{ x: '131.8646', y: '37.2411', road_address: null }] })
  expect(await answerOf(await search('없는 곳'))).toMatchObject({ body: { meta: { total_count: 0 }, documents: [] } })
  expect(await answerOf(await search('서울', { size: '1' }))).toMatchObject({
    body: { meta: { total_count: 2, is_end: false }, documents: [{}] },
  })
})

it('refuses like the real service: without a key, with a wrong one, without parameters', async () => {
  const path = '/v2/local/search/address.json'
  expect(await answerOf(await get(path, { query: '서울' }, 'Bearer the-key'))).toEqual({
    status: 401,
    body: { errorType: 'AccessDeniedError', message: 'cannot find Authorization : KakaoAK header' },
  })
  expect((await get(path, { query: '서울' }, 'KakaoAK other')).status).toBe(401)
  expect(await answerOf(await search(' '))).toMatchObject({ status: 400, body: { errorType: 'MissingParameter' } })
  expect((await addressOf('', '37.5')).status).toBe(400)
})

describe('faults', () => {
  it('apply in the order of the queue, and then stop', async () => {
    const queue = [
      'rate_limited',
      'rate_limited_with_retry_after',
      'quota_exceeded',
      'server_error',
      'unauthorized',
      'ok',
    ]
    await control({ queue, retry_after_seconds: 7 })
    const answers = []
    for (const _ of queue) {
      const response = await search('세종대로 110')
      answers.push([response.status, response.headers.get('retry-after')])
      await response.body?.cancel()
    }
    expect(answers).toEqual([
      [429, null],
      [429, '7'],
      [400, null],
      [500, null],
      [401, null],
      [200, null],
    ])
    expect(await (await fetch(`${maps.url}/_control`)).json()).toMatchObject({
      queue: [],
      calls: { '/v2/local/search/address.json': 6 },
    })
  })

  it('may be an outage, a reset connection, a truncated answer or none', async () => {
    await control({ down: true })
    expect((await search('서울')).status).toBe(503)
    await control({ down: false, queue: ['malformed', 'reset', 'hang'] })
    await expect((await search('서울')).json()).rejects.toThrow(SyntaxError)
    await expect(search('서울')).rejects.toThrow()
    const hanging = fetch(`${maps.url}/v2/local/search/address.json?query=a`, { signal: AbortSignal.timeout(200) })
    await expect(hanging).rejects.toMatchObject({ name: 'TimeoutError' })
    await fetch(`${maps.url}/_control`, { method: 'DELETE' })
    expect((await search('서울')).status).toBe(200)
  })

  it('that are unknown are refused', async () => {
    expect((await control({ queue: ['earthquake'] })).status).toBe(400)
    expect((await control({ unknown: 1 })).status).toBe(400)
  })
})
