import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { formatMarkdownTable } from '../../lib/format-table.ts'
import type { EventUse } from '../event-uses.ts'
import { shortDiff } from '../files/short-diff.ts'
import { replaceTable } from './document-table.ts'

export const cataloguePath = 'eventing/README.md'
export const catalogueBegin =
  '<!-- event catalogue: generated from functions/_contracts/events/*.ts by "npm run manifests"; change the source, not this table -->'
export const catalogueEnd = '<!-- end of the event catalogue -->'

const heading = ['Type', 'Queue', 'What it says', 'Data, by example', 'Produced by', 'Handled by']

/** The table of all events, in Markdown. */
export function renderCatalogue(events: readonly EventUse[]): string {
  const rows = events.map(({ contract, source, producers, cronSources, handlers }) => [
    `[\`${contract.type}\`](${relative('eventing', source)})`,
    code(contract.queue),
    contract.summary,
    code(JSON.stringify(contract.example)),
    [...producers.map(code), ...cronSources.map((name) => `cron source ${code(name)}`)].join(', '),
    handlers.map(code).join(', '),
  ])
  return formatMarkdownTable(heading, rows)
}

const code = (text: string) => `\`${text}\``

/** What differs between the table in the document and the contracts, in one text; undefined when nothing does. */
export async function compareCatalogue(repository: string, events: readonly EventUse[]): Promise<string | undefined> {
  const actual = await readFile(join(repository, cataloguePath), 'utf8')
  const expected = withCatalogue(actual, events)
  if (actual === expected) return undefined
  return `${cataloguePath} is different; run "npm run manifests"\n${shortDiff(expected, actual)}`
}

/** Writes the table between its markers. False when it was the same before. */
export async function writeCatalogue(repository: string, events: readonly EventUse[]): Promise<boolean> {
  const path = join(repository, cataloguePath)
  const actual = await readFile(path, 'utf8')
  const expected = withCatalogue(actual, events)
  if (actual !== expected) await writeFile(path, expected)
  return actual !== expected
}

function withCatalogue(document: string, events: readonly EventUse[]): string {
  try {
    return replaceTable(document, catalogueBegin, catalogueEnd, renderCatalogue(events))
  } catch (cause) {
    throw new Error(`"${cataloguePath}" is not as expected: ${(cause as Error).message}`, { cause })
  }
}
