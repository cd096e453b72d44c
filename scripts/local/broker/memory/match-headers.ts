/**
 * The rule of a RabbitMQ headers exchange for a binding with `x-match: all`: keys that begin with `x-` do not count,
 * every other key must be present with an equal value of the same type. An empty filter value is a value like any other.
 */
export function matchesBinding(binding: Readonly<Record<string, string>>, headers: Readonly<Record<string, unknown>>) {
  for (const key in binding) {
    if (!key.startsWith('x-') && headers[key] !== binding[key]) return false
  }
  return true
}
