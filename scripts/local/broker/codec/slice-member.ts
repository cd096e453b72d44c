/** The text of one member of a JSON object, with its digits and spaces unchanged. The text must be valid JSON. */
export function sliceMember(text: string, name: string): string | undefined {
  let found: string | undefined
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at)
    const from = skipSpace(text, text.indexOf(':', keyEnd) + 1)
    const to = endOfValue(text, from)
    // Of two members with one name the last counts, as in JSON.parse.
    if (JSON.parse(text.slice(at, keyEnd)) === name) found = text.slice(from, to)
    at = skipSpace(text, to)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return found
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? '.')) at += 1
  return at
}

/** One past the last character of the value that begins at `from`. */
function endOfValue(text: string, from: number): number {
  const first = text[from] ?? ''
  if (first === '"') return endOfString(text, from)
  let at = from
  if (first !== '{' && first !== '[') {
    while (!' \t\r\n,}]'.includes(text[at] ?? ',')) at += 1
    return at
  }
  let depth = 0
  do {
    const character = text[at] ?? ''
    if ('{['.includes(character)) depth += 1
    if ('}]'.includes(character)) depth -= 1
    at = character === '"' ? endOfString(text, at) : at + 1
  } while (depth > 0 && at < text.length)
  return at
}

function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
