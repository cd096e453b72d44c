import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pingType } from '../../../functions/_lib/events/event-contract.ts'
import { pingSourceName } from '../../../functions/_lib/process/function-spec.ts'
import { formatMarkdownTable } from '../../lib/format-table.ts'
import type { EventUse } from '../event-uses.ts'
import type { LoadedSpec } from '../load-specs.ts'
import { schedulesOf } from '../trigger-kind.ts'
import { replaceTable } from './document-table.ts'
import type { LostEvent } from './lost-events.ts'

export const lostBegin =
  '<!-- lost events: generated from scripts/manifests/catalogue/lost-events.ts by "npm run manifests"; change the source, not this table -->'
export const lostEnd = '<!-- end of the lost events -->'

const heading = ['Event', 'State until it is done', 'Redriver', 'Redriven after', 'Shown by']

/** Renders the table of lost events and their redrivers in Markdown. */
export function renderLostEvents(lost: Readonly<Record<string, LostEvent>>): string {
  const rows = Object.entries(lost).map(
    ([
      name,
      {
        state,
        redriver,
        after,
        shownBy: [file, test],
      },
    ]) => [
      name.startsWith('app.') ? `\`${name}\`` : `the tick of \`${name}\``,
      ...[state, redriver, after],
      `[${test}](${relative('eventing', file)})`,
    ],
  )
  return formatMarkdownTable(heading, rows)
}

/** Returns the document with the table between its markers. */
export const withLostEvents = (document: string, lost: Readonly<Record<string, LostEvent>>): string =>
  replaceTable(document, lostBegin, lostEnd, renderLostEvents(lost))

/** Finds events and ticks without a row, rows without an event, and tests that do not exist. */
export async function findLostEventProblems(
  repository: string,
  events: readonly EventUse[],
  specs: readonly LoadedSpec[],
  lost: Readonly<Record<string, LostEvent>>,
): Promise<string[]> {
  const names = [
    ...events.map(({ contract }) => contract.type).filter((type) => type !== pingType),
    ...specs.flatMap(({ spec }) => schedulesOf(spec).map(({ name }) => pingSourceName(spec.name, name))),
  ]
  const missing = names
    .filter((name) => lost[name] === undefined)
    .map(
      (name) =>
        `"${name}" has no row in scripts/manifests/catalogue/lost-events.ts: what publishes it again when it is lost?`,
    )
  const unknown = Object.keys(lost)
    .filter((name) => !names.includes(name))
    .map(
      (name) =>
        `scripts/manifests/catalogue/lost-events.ts has a row for "${name}", which no contract and no schedule declares`,
    )
  const tests = await Promise.all(
    Object.entries(lost).map(
      async ([
        name,
        {
          shownBy: [file, test],
        },
      ]) => {
        const text = await readFile(join(repository, file), 'utf8').catch(() => '')
        return text.includes(`'${test}'`)
          ? []
          : [`The row of "${name}" names the test "${test}", which is not in "${file}"`]
      },
    ),
  )
  return [...missing, ...unknown, ...tests.flat()]
}
