import type { ApiDocument } from '../document.ts'
import { behaviour } from './behaviour.ts'
import { type Html, html, inline, prose, trusted } from './html.ts'
import { type Listed, renderOperation } from './operation-view.ts'
import { renderSchema } from './schema-view.ts'
import { style } from './style.ts'

/** The document as one page for people, that asks for nothing else: no script, font or picture from anywhere. */
export function renderDocsPage(document: ApiDocument): string {
  const listed: Listed[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  const groups = document.tags.map((tag) => ({
    ...tag,
    listed: listed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title} ${document.info.version}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<aside>
<div class="title">${document.info.title} <button type="button" id="theme" aria-label="Change between light and dark">◐</button></div>
<label class="unseen" for="filter">Filter the routes</label>
<input id="filter" type="search" placeholder="Filter  ( / )" autocomplete="off">
<nav aria-label="Routes">${groups.map(renderGroupLinks)}
<div class="group"><h2>More</h2><ul><li><a href="#schemas">Schemas</a></li><li><a href="openapi.json">openapi.json</a></li></ul></div>
</nav>
</aside>
<main id="content">
<h1>${document.info.title}</h1>
<p class="note">Version ${document.info.version} · OpenAPI ${document.openapi} · ${document.info.summary}</p>
${prose(document.info.description)}
${groups.map((group) => renderGroup(document, group))}
<section id="schemas"><h2>Schemas</h2>${Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      html`<details class="schema" id="schema-${name}"><summary><code>${name}</code></summary>${schema.description && html`<p>${inline(schema.description)}</p>`}${renderSchema(document, schema)}</details>`,
  )}</section>
</main>
<div id="said" class="unseen" role="status"></div>
<script>${trusted(behaviour)}</script>
</body>
</html>
`
  return page.markup
}

type Group = { name: string; description: string; listed: readonly Listed[] }

const idOf = (name: string) => `group-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`

function renderGroupLinks({ name, listed }: Group): Html {
  return html`<div class="group"><h2>${name}</h2><ul>${listed.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span><span>${operation.summary}<span class="unseen"> ${path}</span></span></a></li>`,
  )}</ul></div>`
}

function renderGroup(document: ApiDocument, { name, description, listed }: Group): Html {
  return html`<section id="${idOf(name)}"><h2>${name}</h2>${prose(description)}${listed.map((one) =>
    renderOperation(document, one),
  )}</section>`
}
