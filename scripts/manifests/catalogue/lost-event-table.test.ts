import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadEvents } from '../event-uses.ts'
import { loadSpecs } from '../load-specs.ts'
import { findLostEventProblems, lostBegin, lostEnd, withLostEvents } from './lost-event-table.ts'
import { lostEvents } from './lost-events.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const specs = await loadSpecs(repository)
const events = await loadEvents(repository, specs)
const unlink = 'app.growbin.api.provider.unlink.v1'

test('every contract and every tick has a redriver, shown by an existing test', async () => {
  expect(await findLostEventProblems(repository, events, specs, lostEvents)).toEqual([])
})

test('an event without a row, a row without an event, and a missing test are reported', async () => {
  const { [unlink]: row, 'events-relay': relay, ...rest } = lostEvents
  if (!row || !relay) throw new Error('The rows of this test are gone')
  const shownBy = [row.shownBy[0], 'no such test'] as const
  const changed = { ...rest, 'app.growbin.api.nothing.v1': row, 'events-relay': { ...relay, shownBy } }
  expect(await findLostEventProblems(repository, events, specs, changed)).toEqual([
    `"${unlink}" has no row in scripts/manifests/catalogue/lost-events.ts: what publishes it again when it is lost?`,
    'scripts/manifests/catalogue/lost-events.ts has a row for "app.growbin.api.nothing.v1", which no contract and no schedule declares',
    `The row of "events-relay" names the test "no such test", which is not in "${row.shownBy[0]}"`,
  ])
})

test('the table stands between its markers', () => {
  const row = { state: 'a table', redriver: 'a | b', after: '1 s', shownBy: ['functions/a.test.ts', 'holds'] as const }
  expect(withLostEvents(`before\n${lostBegin}\nold\n${lostEnd}\nafter`, { tick: row })).toBe(
    [
      ...['before', lostBegin, ''],
      '| Event | State until it is done | Redriver | Redriven after | Shown by |',
      '| --- | --- | --- | --- | --- |',
      '| the tick of `tick` | a table | a \\| b | 1 s | [holds](../functions/a.test.ts) |',
      ...['', lostEnd, 'after'],
    ].join('\n'),
  )
})
