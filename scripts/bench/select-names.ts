/** Returns the names that begin with `prefix`, or all without a prefix. Throws when none matches. */
export function selectNames(names: readonly string[], prefix: string | undefined): Set<string> {
  if (prefix === undefined) return new Set(names)
  const selected = names.filter((name) => name.startsWith(prefix))
  if (selected.length === 0) {
    throw new Error(`No measurement begins with "${prefix}"; expected one of ${names.join(', ')}`)
  }
  return new Set(selected)
}
