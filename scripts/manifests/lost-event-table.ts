import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pingType } from '../../functions/_lib/events/event-contract.ts'
import { pingSourceName } from '../../functions/_lib/process/function-spec.ts'
import { escapeBar, replaceTable } from './document-table.ts'
import type { EventUse } from './event-uses.ts'
import type { LoadedSpec } from './load-specs.ts'
import type { LostEvent } from './lost-events.ts'
import { schedulesOf } from './trigger-kind.ts'

export const lostBegin =
  '<!-- lost events: generated from scripts/manifests/lost-events.ts by "npm run manifests"; change the source, not this table -->'
export const lostEnd = '<!-- end of the lost events -->'

const heading = ['Event', 'Kept until it is done', 'Who asks again', 'After how long', 'Shown by']

/** The table of who asks again for what was lost, in Markdown. */
export function renderLostEvents(lost: Readonly<Record<string, LostEvent>>): string {
  const rows = Object.entries(lost).map(
    ([
      name,
      {
        kept,
        asks,
        after,
        shownBy: [file, test],
      },
    ]) => [
      name.startsWith('app.') ? `\`${name}\`` : `the tick of \`${name}\``,
      ...[kept, asks, after],
      `[${test}](${relative('eventing', file)})`,
    ],
  )
  return [heading, heading.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(escapeBar).join(' | ')} |`)
    .join('\n')
}

/** The document with the table in it. */
export const withLostEvents = (document: string, lost: Readonly<Record<string, LostEvent>>): string =>
  replaceTable(document, lostBegin, lostEnd, renderLostEvents(lost))

/** An event or tick for which nobody is said to ask again, a row of none, and a test that is not there. */
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
    .map((name) => `"${name}" has no row in scripts/manifests/lost-events.ts: who asks again when it is lost?`)
  const needless = Object.keys(lost)
    .filter((name) => !names.includes(name))
    .map((name) => `scripts/manifests/lost-events.ts has a row for "${name}", which nobody sends`)
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
          : [`The row of "${name}" names the test "${test}"; "${file}" has none of it`]
      },
    ),
  )
  return [...missing, ...needless, ...tests.flat()]
}
