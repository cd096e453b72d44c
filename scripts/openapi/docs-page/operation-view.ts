import type { ApiDocument, HeaderObject, MediaType, Operation, ParameterObject, ResponseObject } from '../document.ts'
import { type Html, html, inline, prose } from './html.ts'
import { renderSchema, typeOf } from './schema-view.ts'

export type Listed = { method: string; path: string; operation: Operation }

/** One route: what it is for, what it takes, what it answers, and how to call it. */
export function renderOperation(document: ApiDocument, { method, path, operation }: Listed): Html {
  const body = operation.requestBody
  return html`<article id="${operation.operationId}" class="operation">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code class="path">${breakable(path)}</code></h3>
<p class="summary">${operation.summary} <a class="anchor" href="#${operation.operationId}" aria-label="Link to ${operation.summary}">#</a></p>
${prose(operation.description)}
<p class="facts"><span class="tag ${operation.security.length > 0 ? 'locked' : 'open'}">${
    operation.security.length > 0 ? 'access token' : 'public'
  }</span> <span class="tag">${operation.operationId}</span> <span class="tag">${operation['x-function']}</span></p>
${renderParameters(document, operation)}
${
  body &&
  html`<h4>Body ${!body.required && html`<span class="tag">optional</span>`}</h4>${Object.entries(body.content).map(
    ([type, media]) => renderMedia(document, type, media),
  )}`
}
<h4>Answers</h4>
${Object.entries(operation.responses).map(([status, response]) => renderResponse(document, status, response))}
<h4>Try it</h4>
${renderExample('curl', curlOf(method, path, operation))}
</article>`
}

function renderParameters(document: ApiDocument, operation: Operation): Html {
  const parameters = operation.parameters.map((parameter) =>
    '$ref' in parameter ? lookUp(document.components.parameters, parameter.$ref) : parameter,
  )
  return html`<h4>Parameters</h4><div class="scroll"><table><thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${parameters.map(
    (parameter) =>
      html`<tr><th scope="row"><code>${parameter.name}</code></th><td>${parameter.in}</td><td><span class="type">${typeOf(document, parameter.schema)}</span></td><td>${inline(parameter.description)}${
        parameter.schema.enum && html` ${parameter.schema.enum.map((word) => html`<code>${String(word)}</code> `)}`
      }</td></tr>`,
  )}</tbody></table></div>`
}

function renderResponse(document: ApiDocument, status: string, response: ResponseObject): Html {
  const headers = Object.entries(response.headers ?? {})
  const isProblem = Number(status) >= 400
  const reasons = isProblem ? response.description.split('\n').length : 0
  return html`<details class="response ${isProblem ? 'problem' : 'success'}"${!isProblem && html` open`}>
<summary><span class="status">${status}</span> ${
    isProblem
      ? html`<span class="reasons">${[...response.description.matchAll(/`(\w+)`:/g)].slice(0, 4).map(([, reason]) => html`<code>${reason ?? ''}</code> `)}${reasons > 4 && html`and ${reasons - 4} more`}</span>`
      : inline(response.description)
  }</summary>
${isProblem && prose(response.description)}
${
  headers.length > 0 &&
  html`<p class="note">Headers</p><ul class="headers">${headers.map(([name, header]) => {
    const { description } = '$ref' in header ? lookUp<HeaderObject>(document.components.headers, header.$ref) : header
    return html`<li><code>${name}</code> ${inline(description)}</li>`
  })}</ul>`
}
${Object.entries(response.content ?? {}).map(([type, media]) => renderMedia(document, type, media, isProblem))}
</details>`
}

function renderMedia(document: ApiDocument, type: string, media: MediaType, isProblem = false): Html {
  const schema = media['x-event-data'] ?? (isProblem ? { $ref: '#/components/schemas/Problem' } : media.schema)
  // Problems differ by their reason alone, so one example shows them all.
  const examples = Object.values(media.examples ?? {}).slice(0, isProblem ? 1 : undefined)
  return html`<div class="media"><p class="note"><code>${type}</code>${media['x-event-data'] && ' · the JSON of each event'} <span class="type">${typeOf(document, schema)}</span></p>
<details><summary>Fields</summary>${renderSchema(document, schema)}</details>
${typeof media.example === 'string' && renderExample('Stream', media.example)}
${examples.map(({ summary, value }) => renderExample(isProblem ? 'Example' : summary, JSON.stringify(value, null, 2)))}</div>`
}

function renderExample(title: string, text: string): Html {
  return html`<figure class="example"><figcaption>${inline(title)}<button type="button" class="copy">Copy</button></figcaption><pre tabindex="0" aria-label="${title}"><code>${text}</code></pre></figure>`
}

function curlOf(method: string, path: string, { parameters, security, requestBody }: Operation): string {
  const inPlace = (place: string) =>
    parameters.filter((one): one is ParameterObject => !('$ref' in one) && one.in === place)
  const filled = inPlace('path').reduce(
    (text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(String(example))),
    path,
  )
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {})
  return [
    `curl -i${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$BASE_URL${filled}"`,
    ...(security.length > 0 ? ['-H "authorization: Bearer $ACCESS_TOKEN"'] : []),
    "-H 'accept-language: en'",
    ...(example ? ["-H 'content-type: application/json'", `-d '${JSON.stringify(example.value)}'`] : []),
  ].join(' \\\n  ')
}

/** Lets a narrow screen break a path after a slash. */
const breakable = (path: string): Html => html`${path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`)}`

function lookUp<Found>(members: Record<string, Found>, reference: string): Found {
  const found = members[reference.slice(reference.lastIndexOf('/') + 1)]
  if (!found) throw new Error(`"${reference}" leads nowhere`)
  return found
}
