/**
 * The path that a request asks for, as it was sent; undefined for a target that is none. `new URL` would throw for "//", and
 * take "//host/path" for another host.
 */
export function pathOf(target: string | undefined): string | undefined {
  if (target === undefined) return undefined
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0]
  return /^https?:/i.test(target) ? URL.parse(target)?.pathname : undefined
}
