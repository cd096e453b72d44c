import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type MapsSettings,
  type MapsSimulator,
  startMapsSimulator,
} from '../../../scripts/local/simulators/maps/maps-simulator.ts'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import type { Question } from '../../locations/geocoding.ts'
import { createGeocodingRequester } from '../../locations/request-geocoding.pg.ts'
import { createGeocodingsCleanup } from '../../locations/tasks/clean-up-geocodings.pg.ts'
import { createPersonDeleter } from '../../locations/tasks/delete-person.pg.ts'
import { createGeocodingRedriver } from '../../locations/tasks/geocodings.pg.ts'
import { start } from './main.ts'
import { withoutServices } from './testing/link-parts.ts'

const restApiKey = 'canary-rest-api-key'
const coordinatesPath = '/v2/local/geo/coord2address.json'
const addressPath = '/v2/local/search/address.json'

let parts: TestParts
let maps: MapsSimulator
let locations: Database
let external: FunctionInstance
let environment: Record<string, string>

async function startParts() {
  if (parts) return environment
  parts = await startTestParts()
  maps = await startMapsSimulator({ restApiKey })
  locations = parts.database.openAs('locations')
  environment = {
    ...parts.environmentOf('events'),
    ...withoutServices,
    AUTH_DATABASE_URL: parts.database.urlOf('auth'),
    LOCATIONS_DATABASE_URL: parts.database.urlOf('locations'),
    USERS_DATABASE_URL: parts.database.urlOf('users'),
    WASTE_DATABASE_URL: parts.database.urlOf('waste'),
    KAKAO_LOCAL_URL: maps.url,
    KAKAO_REST_API_KEY: restApiKey,
  }
  return environment
}

const requestGeocoding = createGeocodingRequester({ createId: () => createUuidV7(), now: () => new Date() })

async function ask(question: Question, ownerId: string | null = randomUUID()) {
  const geocodingId = await locations.transaction((tx) =>
    requestGeocoding(tx, { question, ownerId, purpose: 'test', traceparent: '' }),
  )
  const [row] = await parts.database.query<{ event: JsonCloudEvent }>(
    `update events.outbox set sent_at = now() where event ->> 'subject' = $1 and sent_at is null returning event`,
    [geocodingId],
  )
  return { geocodingId, ownerId, event: row?.event as JsonCloudEvent }
}
const addressOf = (lat: number, lng: number): Question => ({ kind: 'address', at: { lat, lng } })
const coordinatesOf = (address: string): Question => ({ kind: 'coordinates', address })

const geocodingOf = async (geocodingId: string | undefined) => {
  const [row] = await parts.database.query(
    'select state, found, failure_reason, attempts from locations.geocodings where geocoding_id = $1',
    [geocodingId],
  )
  return row
}
const pending = (attempts: number) => ({ state: 'pending', found: null, failure_reason: null, attempts })

describeEventFunction({
  name: 'jobs-external-call',
  start,
  environment: startParts,
  validEvent: async () => (await ask(coordinatesOf('세종대로 110'))).event,
  effect: async (event) => geocodingOf(event.subject),
})

describe('a geocoding', () => {
  beforeAll(async () => {
    await startParts()
    external = await start({ ...environment, LOG_LEVEL: 'fatal' })
  })
  afterEach(async () => {
    maps.control.reset()
    await parts.database.query('delete from events.outbound_services')
    await parts.database.query('delete from locations.known_answers')
  })
  afterAll(async () => {
    await external?.close()
    await maps?.close()
    await parts?.close()
  })

  const deliver = async (event: JsonCloudEvent) =>
    (await external.app.request('/', { method: 'POST', ...toSignedMessage(event) })).status
  const delayOf = async (event: JsonCloudEvent) => {
    const [row] = await parts.database.query<{ seconds: number }>(
      `select extract(epoch from next_at - now())::float8 as seconds from events.outbox
       where event_id = $1 and sent_at is null`,
      [event.id],
    )
    return row?.seconds
  }

  const cityHall = { lotAddress: '서울 중구 태평로1가 31', roadAddress: '서울 중구 세종대로 110' }

  it('finds the address of coordinates, longitude as x and latitude as y', async () => {
    const { geocodingId, event } = await ask(addressOf(37.56631, 126.97789))
    expect(event).toMatchObject({ type: 'app.growbin.api.address.find.v1', data: { geocoding_id: geocodingId } })
    expect(Object.keys(event.data as object)).toEqual(['geocoding_id'])
    expect(await deliver(event)).toBe(204)
    expect(await geocodingOf(geocodingId)).toEqual({
      state: 'found',
      found: { lat: 37.5663, lng: 126.9779, ...cityHall },
      failure_reason: null,
      attempts: 0,
    })
  })

  it('finds the coordinates of an address by street and by lot', async () => {
    for (const address of ['서울 중구 세종대로 110', ' 서울  중구 태평로1가\t31 ']) {
      const { geocodingId, event } = await ask(coordinatesOf(address))
      expect(event.type).toBe('app.growbin.api.coordinates.find.v1')
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toMatchObject({
        state: 'found',
        found: { lat: 37.5663, lng: 126.9779, ...cityHall },
      })
    }
  })

  it('accepts a place without a street address, and a place that does not exist', async () => {
    const island = await ask(addressOf(37.2411, 131.8646))
    const sea = await ask(addressOf(36, 125))
    const nowhere = await ask(coordinatesOf('없는 주소 1'))
    for (const { event } of [island, sea, nowhere]) expect(await deliver(event)).toBe(204)
    expect(await geocodingOf(island.geocodingId)).toMatchObject({ state: 'found', found: { roadAddress: null } })
    expect(await geocodingOf(sea.geocodingId)).toMatchObject({ state: 'not_found', found: null })
    expect(await geocodingOf(nowhere.geocodingId)).toMatchObject({ state: 'not_found', found: null })
  })

  it.each<[string, Question]>([
    ['swapped coordinates', addressOf(126.9779, 37.5663)],
    ['coordinates in Japan', addressOf(35.68, 139.69)],
    ['no coordinates', addressOf(Number.NaN, 127)],
    ['an empty address', coordinatesOf(' \n ')],
    ['a text of over 200 characters', coordinatesOf('가'.repeat(201))],
  ])('is not created for %s', async (_, question) => {
    expect((await ask(question)).geocodingId).toBeUndefined()
  })

  it('calls the service once for the same place, and again only when the answer is too old', async () => {
    for (const [lat, lng] of [
      [37.49791, 127.02761],
      [37.49788, 127.02758],
      [37.4979, 127.0276],
    ] as const) {
      const { geocodingId, event } = await ask(addressOf(lat, lng))
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'found' })
    }
    expect(maps.control.calls()[coordinatesPath]).toBe(1)
    await parts.database.query(`update locations.known_answers set answered_at = now() - interval '31 days'`)
    await deliver((await ask(addressOf(37.4979, 127.0276))).event)
    expect(maps.control.calls()[coordinatesPath]).toBe(2)
    await deliver((await ask(addressOf(37.4979, 127.0276))).event)
    expect(maps.control.calls()[coordinatesPath]).toBe(2)
  })

  it('is answered once for repeated and concurrent deliveries', async () => {
    const { geocodingId, event } = await ask(coordinatesOf('강남대로 396'))
    expect(await Promise.all(Array.from({ length: 4 }, () => deliver(event)))).toEqual([204, 204, 204, 204])
    const calls = maps.control.calls()[addressPath]
    expect(await deliver(event)).toBe(204)
    expect(maps.control.calls()[addressPath]).toBe(calls)
    expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'found', attempts: 0 })
  })

  it.each<[MapsSettings['queue'][number], number, number]>([
    ['rate_limited_with_retry_after', 30, 65],
    ['unavailable_with_retry_after', 30, 65],
    ['rate_limited', 560, 760],
    ['quota_exceeded', 560, 760],
  ])('that gets %s is deferred for as long as the service asks, and so are all others', async (fault, least, most) => {
    maps.control.set({ queue: [fault], retryAfterSeconds: 50 })
    const [first, second] = [await ask(coordinatesOf('중앙대로 1001')), await ask(coordinatesOf('광양9길 10'))]
    for (const { event, geocodingId } of [first, second]) {
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toEqual(pending(0))
      expect(await delayOf(event)).toBeGreaterThan(least)
      expect(await delayOf(event)).toBeLessThan(most)
    }
    expect(maps.control.calls()[addressPath]).toBe(1)
  })

  it.each<MapsSettings['queue'][number]>(['server_error', 'reset', 'hang', 'malformed'])(
    'that gets %s is retried at once, and then deferred for longer each time',
    async (fault) => {
      const { geocodingId, event } = await ask(coordinatesOf('중앙대로 1001'))
      maps.control.set({ queue: [fault, fault] })
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toEqual(pending(1))
      expect(await delayOf(event)).toBeLessThan(10)
      maps.control.set({ queue: ['server_error', 'server_error'] })
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toEqual(pending(2))
      maps.control.set({ queue: ['server_error'] })
      expect(await deliver(event)).toBe(204)
      expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'found' })
    },
    30_000,
  )

  it('opens the circuit when the service is down, and does not block deliveries while it is open', async () => {
    maps.control.set({ down: true })
    const asked = []
    for (let index = 0; index < 8; index += 1) asked.push(await ask(coordinatesOf(`세종대로 ${index}`)))
    for (const { event } of asked) expect(await deliver(event)).toBe(204)
    // Eight calls by the first four deliveries; then the circuit is open.
    expect(maps.control.calls()[addressPath]).toBe(8)
    const metrics = await (await external.app.request('/metrics')).text()
    expect(metrics).toMatch(/outbound_circuit_open\{[^}]*kakao-local[^}]*\} 1/)
    expect(metrics).toMatch(/outbound_calls_deferred_total\{(?=[^}]*kakao-local)(?=[^}]*circuit_open)[^}]*\} \d/)
    // When the service is up again, one probe closes the circuit.
    maps.control.set({ down: false })
    await parts.database.query('update events.outbound_services set open_until = now()')
    for (const { event } of asked) expect(await deliver(event)).toBe(204)
    for (const { geocodingId } of asked) expect(await geocodingOf(geocodingId)).not.toMatchObject({ state: 'pending' })
  })

  it('beyond the shared rate limit of two workers is deferred, and none is lost', async () => {
    const second = await start({ ...environment, LOG_LEVEL: 'fatal' })
    try {
      const asked = await Promise.all(
        Array.from({ length: 70 }, (_, index) => ask(coordinatesOf(`세종대로 ${1_000 + index}`))),
      )
      const startedMs = performance.now()
      const send = ({ event }: (typeof asked)[number], index: number) =>
        (index % 2 ? second : external).app.request('/', { method: 'POST', ...toSignedMessage(event) })
      for (const { status } of await Promise.all(asked.map(send))) expect([204, 503]).toContain(status)
      const refilled = (performance.now() - startedMs) / 1_000
      const calls = maps.control.calls()[addressPath] ?? 0
      expect(calls).toBeGreaterThan(0)
      expect(calls).toBeLessThanOrEqual(50 + refilled)
      // Deferred deliveries and those of a busy worker are all answered when there are tokens again.
      for (const { event, geocodingId } of asked) {
        await parts.database.query('update events.outbound_services set tokens = 50')
        expect(await deliver(event)).toBe(204)
        expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'not_found' })
      }
      expect(maps.control.calls()[addressPath]).toBeGreaterThanOrEqual(asked.length)
    } finally {
      await second.close()
    }
  }, 60_000)

  it('fails at once when our key is refused, and after a day of outage', async () => {
    const refused = await ask(coordinatesOf('중앙대로 1001'))
    maps.control.set({ queue: ['unauthorized'] })
    expect(await deliver(refused.event)).toBe(204)
    expect(await geocodingOf(refused.geocodingId)).toMatchObject({ state: 'failed', failure_reason: 'own_key_refused' })
    const old = await ask(coordinatesOf('중앙대로 1001'))
    await parts.database.query(
      `update locations.geocodings set created_at = now() - interval '25 hours' where geocoding_id = $1`,
      [old.geocodingId],
    )
    expect(await deliver(old.event)).toBe(204)
    expect(await geocodingOf(old.geocodingId)).toMatchObject({ state: 'failed', failure_reason: 'unavailable' })
  })

  it('of a deleted person is dropped, and the stored answers identify nobody', async () => {
    const asked = await ask(coordinatesOf('중앙대로 1001'))
    const other = await ask(coordinatesOf('중앙대로 1001'))
    await deliver(other.event)
    await createPersonDeleter(locations)(asked.ownerId ?? '')
    expect(await deliver(asked.event)).toBe(204)
    expect(await geocodingOf(asked.geocodingId)).toBeUndefined()
    expect(await geocodingOf(other.geocodingId)).toMatchObject({ state: 'found' })
    expect(maps.control.calls()[addressPath]).toBe(1)
    const [known] = await parts.database.query<{ question_key: string }>(
      'select question_key from locations.known_answers',
    )
    expect(known?.question_key).toMatch(/^of:[0-9a-f]{64}$/)
  })

  it('survives a crash between the call and the commit', async () => {
    const { geocodingId, event } = await ask(coordinatesOf('중앙대로 1001'))
    await parts.database.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`,
    )
    await parts.database.query(
      'create trigger cut_off before insert on locations.known_answers for each row execute function refuse()',
    )
    expect(await deliver(event)).toBe(503)
    expect(await geocodingOf(geocodingId)).toEqual(pending(0))
    await parts.database.query('drop trigger cut_off on locations.known_answers')
    expect(await deliver(event)).toBe(204)
    expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'found' })
  })

  it('whose command was lost is published again under its own id, by one of several relays', async () => {
    const { event, geocodingId } = await ask(coordinatesOf('중앙대로 1001'))
    const redrive = createGeocodingRedriver({ database: locations, now: () => new Date() })
    await parts.database.query(`update locations.geocodings set retry_at = now() + interval '1 hour'`)
    expect(await redrive()).toBe(0)
    await parts.database.query(`update locations.geocodings set retry_at = now() where geocoding_id = $1`, [
      geocodingId,
    ])
    const redriven = await Promise.all([redrive(), redrive(), redrive()])
    expect(redriven.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(await delayOf(event)).toBeLessThanOrEqual(0)
    for (const _ of ['once', 'twice']) expect(await deliver(event)).toBe(204)
    expect(await geocodingOf(geocodingId)).toMatchObject({ state: 'found' })
  })

  it('is removed a week after its end, and an answer after 30 days', async () => {
    await parts.database.query('delete from locations.geocodings')
    const [old, recent, open] = [
      await ask(coordinatesOf('중앙대로 1001')),
      await ask(coordinatesOf('광양9길 10')),
      await ask(coordinatesOf('세종대로 110')),
    ]
    for (const { event } of [old, recent]) await deliver(event)
    await parts.database.query(
      `update locations.geocodings set ended_at = now() - interval '7 days 1 minute' where geocoding_id = $1`,
      [old?.geocodingId],
    )
    await parts.database.query(`update locations.known_answers set answered_at = now() - interval '31 days'
      where ctid = (select min(ctid) from locations.known_answers)`)
    for (const step of createGeocodingsCleanup(locations)) await step.run(undefined, false)
    expect(await geocodingOf(old?.geocodingId)).toBeUndefined()
    expect(await geocodingOf(recent?.geocodingId)).toBeDefined()
    expect(await geocodingOf(open?.geocodingId)).toBeDefined()
    expect(await parts.database.query('select from locations.known_answers')).toHaveLength(1)
  })
})
