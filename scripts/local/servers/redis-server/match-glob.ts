/** Whether `text` matches a pattern of KEYS, SCAN or PSUBSCRIBE: `*`, `?`, `[a-c]`, `[^a]`, and `\` to quote. */
export function createGlobMatcher(pattern: string): (text: string) => boolean {
  const source = toRegExp(pattern)
  return (text) => source.test(text)
}

function toRegExp(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? ''
    // Repeated stars are one star; separate ones would make the expression backtrack exponentially.
    if (character === '*') source += source.endsWith('[^]*') ? '' : '[^]*'
    else if (character === '?') source += '[^]'
    else if (character === '\\' && at + 1 < pattern.length) {
      at += 1
      source += quote(pattern[at] ?? '')
    } else if (character === '[') {
      const group = readGroup(pattern, at + 1)
      source += group.source
      at = group.end
    } else source += quote(character)
  }
  return new RegExp(`^${source}$`)
}

function readGroup(pattern: string, start: number): { source: string; end: number } {
  let at = start
  const negated = pattern[at] === '^'
  if (negated) at += 1
  let members = ''
  for (; at < pattern.length && pattern[at] !== ']'; at += 1) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) {
      at += 1
      members += quote(pattern[at] ?? '')
    } else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const ends = [pattern[at] ?? '', pattern[at + 2] ?? ''].sort()
      members += `${quote(ends[0] ?? '')}-${quote(ends[1] ?? '')}`
      at += 2
    } else members += quote(pattern[at] ?? '')
  }
  if (members === '') return { source: negated ? '[^]' : '[]', end: at }
  return { source: `[${negated ? '^' : ''}${members}]`, end: at }
}

const quote = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
