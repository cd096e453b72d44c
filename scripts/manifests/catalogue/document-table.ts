/** Puts a generated table between its two markers. Throws when they are not there once each. */
export function replaceTable(document: string, begin: string, end: string, table: string): string {
  const [before, rest, ...others] = document.split(`${begin}\n`)
  const endsAt = rest?.indexOf(end) ?? -1
  if (before === undefined || rest === undefined || others.length > 0 || endsAt === -1) {
    throw new Error(`The document has no single place between "${begin}" and "${end}"`)
  }
  return `${before}${begin}\n\n${table}\n\n${rest.slice(endsAt)}`
}
