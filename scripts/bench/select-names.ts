/** The names that begin with `prefix`, or all without one. Throws when there is none. */
export function selectNames(names: readonly string[], prefix: string | undefined): Set<string> {
  if (prefix === undefined) return new Set(names)
  const selected = names.filter((name) => name.startsWith(prefix))
  if (selected.length === 0) {
    throw new Error(`No measurement begins with "${prefix}"; expected one of ${names.join(', ')}`)
  }
  return new Set(selected)
}
