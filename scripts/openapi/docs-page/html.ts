/** A piece of HTML whose texts are escaped. */
export type Html = { readonly markup: string }

type Part = Html | string | number | undefined | false | readonly Part[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes everything that is put into the template, except other pieces of HTML. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: texts.reduce((markup, text, index) => markup + render(parts[index - 1]) + text) }
}

/** Markup that was written here and not read from anywhere. */
export const trusted = (markup: string): Html => ({ markup })

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (Array.isArray(part)) return part.map(render).join('')
  if (typeof part === 'object') return (part as Html).markup
  return String(part).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** The little Markdown that descriptions use: paragraphs, lists, `code` and **strong**. */
export function prose(text: string): Html {
  const blocks = text.split(/\n(?=- )|\n(?=\*\*)|\n\n/)
  const items = blocks.filter((block) => block.startsWith('- '))
  if (items.length === blocks.length)
    return html`<ul>${items.map((item) => html`<li>${inline(item.slice(2))}</li>`)}</ul>`
  return html`${blocks.map((block) => html`<p>${inline(block)}</p>`)}`
}

export function inline(text: string): Html {
  return html`${text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`') && part.endsWith('`') && part.length > 2) return html`<code>${part.slice(1, -1)}</code>`
    if (part.startsWith('**') && part.length > 4) return html`<strong>${part.slice(2, -2)}</strong>`
    return part
  })}`
}
