export type ForbiddenString = { pattern: RegExp; reason: string }

/** The patterns are written so that this file does not contain what it looks for. */
const everywhere: readonly ForbiddenString[] = [
  {
    pattern: /\bhttps?:[/]{2}(registry|deb|proxy|pypi|security[.]debian|archive[.]ubuntu)[.][\w.-]+/,
    reason: 'names a package registry; the client of the registry knows its own',
  },
  { pattern: /(?<!:[/]{2})\b(registry[.](npmjs|yarnpkg)|proxy[.]golang)[.]\w+/, reason: 'names a package registry' },
  { pattern: /[/](farm|Users)[/]\w/, reason: 'is a path of one machine' },
  { pattern: /[/]work[/](main|shared|steering|[.])/, reason: 'is a path of one machine' },
  { pattern: /-----BEGIN (RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{64}/, reason: 'is a private key' },
  { pattern: /\bAKIA(?![A-Z2-7]*EXAMPLE\b)[A-Z2-7]{16}\b/, reason: 'is an access key of AWS' },
]

/** The place of this checkout, when it is long enough not to be a path that a container has too. */
function checkoutPath(repository: string): ForbiddenString[] {
  const path = repository.replace(/\/$/, '')
  if (path.split('/').length < 3) return []
  return [
    { pattern: new RegExp(`${path.replaceAll(/[^\w/-]/g, '\\$&')}(?![\\w-])`), reason: 'is the path of this checkout' },
  ]
}

/** What must not be in any file, with its line. */
export function findForbiddenStrings(repository: string, path: string, text: string): string[] {
  return [...everywhere, ...checkoutPath(repository)].flatMap(({ pattern, reason }) => {
    const match = pattern.exec(text)
    if (!match) return []
    const line = text.slice(0, match.index).split('\n').length
    return [`${path}:${line}: "${match[0].split('\n', 1)[0]}" ${reason}`]
  })
}
