import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A shorter text is a column or a bound. */
const shortestChunk = 20

/** Code without whitespace, which does not matter in a statement. */
const normalize = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/**
 * Templates of SQL in these files of which no part was ever sent: no test runs them, so their plans are unknown. The longest
 * part between two values stands for a template.
 */
export function findUnsent(root: string, files: readonly string[], texts: readonly string[]): string[] {
  const sent = texts.map(normalize)
  return files.flatMap((file) =>
    findTemplates(readFileSync(join(root, file), 'utf8'))
      .map((chunks) => chunks.map(normalize).reduce((long, chunk) => (chunk.length > long.length ? chunk : long), ''))
      .filter((chunk) => chunk.length >= shortestChunk && !sent.some((text) => text.includes(chunk)))
      .map((chunk) => `${file}: ${chunk.slice(0, 120)}`),
  )
}

/** The text between the values of each template that is tagged `sql`, nested ones by themselves. */
export function findTemplates(source: string): string[][] {
  const templates: string[][] = []
  for (const match of source.matchAll(/\bsql(?:<[^`]*?>)?`/g)) {
    templates.push(readTemplate(source, match.index + match[0].length))
  }
  return templates
}

function readTemplate(source: string, start: number): string[] {
  const chunks = ['']
  let at = start
  while (at < source.length && source[at] !== '`') {
    if (source.startsWith('${', at)) {
      at = skipValue(source, at + 2)
      chunks.push('')
      continue
    }
    if (source[at] === '\\') at += 1
    chunks.push(`${chunks.pop()}${source[at]}`)
    at += 1
  }
  return chunks
}

function skipValue(source: string, start: number): number {
  let depth = 1
  let at = start
  while (depth > 0 && at < source.length) {
    if (source[at] === '`') {
      at += 1
      while (at < source.length && source[at] !== '`')
        at = source.startsWith('${', at) ? skipValue(source, at + 2) : at + 1
    } else if (source[at] === '{') depth += 1
    else if (source[at] === '}') depth -= 1
    at += 1
  }
  return at
}
