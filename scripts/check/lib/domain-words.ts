/** Its tables are those of the platform itself (outbox, inbox, dead letters), and `_lib/messaging` describes them. */
const platformSchema = 'events'

/** Domains of the repository, by the folders of `functions/` among `paths`, which are from its root. */
export function domainsOf(paths: readonly string[]): string[] {
  const folders = paths.map((path) => /^functions\/([a-z]\w*)\//.exec(path)?.[1])
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort()
}

/** Names of tables and views of `domains` in a file of `functions/_lib` that is deployed, comments aside. */
export function findDomainWords(path: string, text: string, domains: readonly string[]): string[] {
  if (!/^functions\/_lib\/(?!.*[.]test[.]ts$)(?!(?:.*\/)?testing\/).*[.]ts$/.test(path)) return []
  const schemas = domains.filter((domain) => domain !== platformSchema)
  const object = new RegExp(`(?<![\\w./$-])(?:${schemas.join('|')})[.][a-z]\\w*\\b(?!\\()`, 'g')
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(?:\/\/|\/?\*)/.test(line)) return []
    return [...line.matchAll(object)].map(
      ([found]) =>
        `${path}:${index + 1} names "${found}" of a domain; declare it in functions/_contracts or in the domain, and take it as an argument`,
    )
  })
}
