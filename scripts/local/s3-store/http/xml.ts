import { S3Error } from './s3-error.ts'

export type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue }

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

// XML parsers normalise carriage returns and tabs, so every character below space is written as a reference.
const escapeText = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: object keys may hold control characters
  text.replace(/[&<>"\u0000-\u001f\u007f]/g, (character) => `&#${character.charCodeAt(0)};`)

function renderElement(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((item) => renderElement(name, item)).join('')
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, childValue]) => renderElement(child, childValue))
          .join('')
      : escapeText(String(value))
  return `<${name}${attributes}>${inner}</${name}>`
}

/** Renders a document; an array becomes one element per item, undefined becomes none. */
export function renderXml(root: string, content: XmlValue): string {
  const attributes = root === 'Error' ? '' : ` xmlns="${namespace}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderElement(root, content, attributes)}`
}

export type XmlElement = { name: string; text: string; children: XmlElement[] }

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const malformed = () =>
  new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )

const decodeText = (text: string) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));|&/gi, (_, decimal?: string, hex?: string, entity?: string) => {
    if (entity !== undefined) {
      const character = entities[entity]
      if (character === undefined) throw malformed()
      return character
    }
    const codePoint = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : Number.NaN
    if (!(codePoint <= 0x10ffff)) throw malformed()
    return String.fromCodePoint(codePoint)
  })

/** Parses elements and text, which is all that S3 requests use; comments, CDATA and document types are malformed. */
export function parseXml(source: string): XmlElement {
  const document: XmlElement = { name: '', text: '', children: [] }
  const open = [document]
  const body = source.replace(/^\ufeff?\s*(<\?xml[^>]*\?>)?\s*/, '').trimEnd()
  const token = /<(\/?)([A-Za-z][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/gy
  while (token.lastIndex < body.length) {
    const match = token.exec(body)
    const current = open.at(-1)
    if (!match || !current) throw malformed()
    const [, closing, name = '', empty, text] = match
    if (text !== undefined) {
      if (open.length === 1) throw malformed()
      current.text += decodeText(text)
    } else if (closing) {
      if (current.name !== name || open.length === 1) throw malformed()
      open.pop()
    } else {
      const element = { name, text: '', children: [] }
      current.children.push(element)
      if (!empty) open.push(element)
    }
  }
  const [root, ...others] = document.children
  if (!root || others.length > 0 || open.length !== 1) throw malformed()
  return root
}
