import type { ApiDocument, JsonSchema } from '../document.ts'
import { type Html, html, inline } from './html.ts'

const depthMax = 6

/** A schema as rows of fields; objects inside of it open on demand. */
export function renderSchema(document: ApiDocument, schema: JsonSchema, depth = 0): Html {
  const { target, name } = resolve(document, schema)
  const inner = target.type === 'array' && target.items ? resolve(document, target.items).target : target
  if (inner.properties) return renderFields(document, inner, depth)
  const choices = inner.anyOf ?? inner.oneOf
  if (choices) {
    return html`<div class="choices"><p class="note">One of:</p>${choices.map(
      (choice) => html`<div class="choice">${renderSchema(document, choice, depth + 1)}</div>`,
    )}</div>`
  }
  return html`<p><span class="type">${typeOf(document, schema)}</span> ${limits(target)} ${name && html`<code>${name}</code>`}</p>`
}

function renderFields(document: ApiDocument, schema: JsonSchema, depth: number): Html {
  const required = new Set(schema.required)
  return html`<ul class="fields">${Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const nested = nestedOf(document, field)
    return html`<li><div class="field"><code class="name">${name}</code> <span class="type">${typeOf(document, field)}</span>${
      required.has(name) ? html` <span class="tag required">required</span>` : html` <span class="tag">optional</span>`
    } ${limits(resolve(document, field).target)}</div>${field.description && html`<div class="meaning">${inline(field.description)}</div>`}${
      nested &&
      depth < depthMax &&
      html`<details><summary>Fields of <code>${name}</code></summary>${renderFields(document, nested, depth + 1)}</details>`
    }</li>`
  })}</ul>`
}

/** The object that a field holds, in a list or as an alternative to null too. */
function nestedOf(document: ApiDocument, schema: JsonSchema): JsonSchema | undefined {
  const { target } = resolve(document, schema)
  if (target.properties) return target
  if (target.items) return nestedOf(document, target.items)
  return target.anyOf?.map((part) => nestedOf(document, part)).find((found) => found !== undefined)
}

export function typeOf(document: ApiDocument, schema: JsonSchema): string {
  const { target, name } = resolve(document, schema)
  if (name) return name
  if (target.anyOf) return target.anyOf.map((part) => typeOf(document, part)).join(' or ')
  if (target.items) return `list of ${typeOf(document, target.items)}`
  const type = [target.type ?? (target.enum ? 'word' : 'any')].flat().join(' or ')
  return target.format ? `${type} (${target.format})` : type
}

function limits(schema: JsonSchema): Html {
  const { enum: words, const: constant, pattern, minimum, maximum, minLength, maxLength, maxItems } = schema
  const range = (low: unknown, high: unknown, unit: string) => {
    // JSON Schema has no unbounded integer of its own: these are the safe integers of JavaScript.
    const bounds = [low, high].map((bound) => (Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER ? undefined : bound))
    const [from, to] = bounds
    if (from === undefined && to === undefined) return undefined
    return html` <span class="limit">${String(from ?? '')} … ${String(to ?? '')}${unit}</span>`
  }
  return html`${constant !== undefined && html`<code>${JSON.stringify(constant)}</code>`}${
    words && html`<span class="words">${words.map((word) => html`<code>${String(word)}</code> `)}</span>`
  }${range(minimum, maximum, '')}${range(minLength, maxLength, ' characters')}${range(undefined, maxItems, ' items')}${
    typeof pattern === 'string' && html` <code class="limit">${pattern}</code>`
  }`
}

export function resolve(document: ApiDocument, schema: JsonSchema): { target: JsonSchema; name: string | undefined } {
  if (schema.$ref === undefined) return { target: schema, name: undefined }
  const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  return { target: document.components.schemas[name] ?? {}, name }
}
