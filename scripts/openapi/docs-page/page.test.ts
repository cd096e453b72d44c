import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { repositoryRoot } from '../../local/platform/function-catalogue.ts'
import type { ApiDocument } from '../document.ts'
import { documentPath } from '../document-path.ts'
import { html, inline, prose } from './html.ts'
import { renderDocsPage } from './page.ts'

let document: ApiDocument
let page: string

beforeAll(async () => {
  document = JSON.parse(await readFile(join(repositoryRoot, documentPath), 'utf8'))
  page = renderDocsPage(document)
})

test('the page loads nothing from anywhere', () => {
  expect(page).not.toMatch(/<(?:link|img|iframe|object|embed|base|form)\b/i)
  expect(page).not.toMatch(/\bsrc=|@import|url\(|\bfetch\(|XMLHttpRequest|EventSource\(|WebSocket\(/)
  expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, to = '']) => !/^(?:#|openapi\.json$)/.test(to))).toEqual([])
})

test('every operation has a place of its own, a link to it, and a command to try it', () => {
  const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
  expect(ids.length).toBeGreaterThan(10)
  for (const id of ids) {
    expect(page.split(`id="${id}"`)).toHaveLength(2)
    expect(page).toContain(`href="#${id}"`)
  }
  expect(page.split('curl -i')).toHaveLength(ids.length + 1)
})

test('no two elements have one id, and every link within the page leads somewhere', () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(ids).toEqual([...new Set(ids)])
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
})

test('what is scrolled can be reached with the keyboard', () => {
  expect(page).not.toMatch(/<pre(?! tabindex="0")/)
})

test('texts of the document cannot become markup', () => {
  const evil = '<script>alert(1)</script>" onload="x'
  expect(html`<p title="${evil}">${evil}</p>`.markup).not.toMatch(/<script|" onload/)
  expect(inline(`\`${evil}\` **${evil}**`).markup).not.toContain('<script')
  expect(prose(`- ${evil}`).markup).not.toContain('<script')
  const changed = structuredClone(document)
  changed.info.description = evil
  for (const methods of Object.values(changed.paths)) for (const one of Object.values(methods)) one.summary = evil
  const count = (text: string) => text.split('<script').length
  expect(count(renderDocsPage(changed))).toBe(count(page))
})
