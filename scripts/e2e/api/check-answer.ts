import type { ApiDocument, HeaderObject, Operation, Reference } from '../../openapi/document.ts'
import type { Validators } from '../../openapi/validators.ts'
import type { ApiRequest, Credential } from './arbitrary-request.ts'
import type { Answer } from './send-request.ts'

/** The documented operation of a request; undefined for a path or method that does not exist. */
export function findOperation(document: ApiDocument, { method, target }: ApiRequest): Operation | undefined {
  const segments = target.split(/[?#]/, 1)[0]?.split('/') ?? []
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase()
  // The HTTP server of a function resolves it, as every URL parser must: to a path that does not exist.
  if (segments.some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) return undefined
  for (const [path, operations] of Object.entries(document.paths)) {
    const template = path.split('/')
    const fits =
      template.length === segments.length &&
      template.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
    if (fits && operations[wanted]) return operations[wanted]
  }
  return undefined
}

const operators = new Set<Credential>(['operator'])
const people = new Set<Credential>(['keeper', 'leaver', 'stranger'])

const ownPages = new Set(['/', '/api/v1/docs', '/api/v1/openapi.json'])

/** What is wrong with an answer; empty when it is as documented. */
export function checkAnswer(
  document: ApiDocument,
  validators: Validators,
  request: ApiRequest,
  answer: Answer,
): string[] {
  if (answer.status === 500 || answer.status === 502 || answer.status === 504) return [`answered ${answer.status}`]
  const operation = findOperation(document, request)
  if (!operation) return checkRefusal(request, answer)
  const forOperators = operation.security.some((scheme) => 'operator' in scheme)
  const isAuthentic = (forOperators ? operators : people).has(request.credential)
  // A route for operators does not exist for a request from outside.
  const refusals = forOperators ? [401, 404, 413] : [401, 413]
  if (operation.security.length > 0 && !isAuthentic && !refusals.includes(answer.status)) {
    return [`answered ${answer.status} to the credential "${request.credential}"`]
  }
  const response = operation.responses[String(answer.status)]
  if (!response) return [`answered ${answer.status}, which is not documented`]
  const problems = Object.entries(response.headers ?? {}).flatMap(([name, header]) =>
    checkHeader(document, validators, name, header, answer),
  )
  if (request.method === 'HEAD') return [...problems, ...(answer.body === '' ? [] : ['answered HEAD with a body'])]
  return [...problems, ...checkBody(validators, response.content, answer)]
}

function checkHeader(
  document: ApiDocument,
  validators: Validators,
  name: string,
  header: HeaderObject | Reference,
  answer: Answer,
): string[] {
  const described = '$ref' in header ? document.components.headers[name] : header
  if (!described) return [`the header "${name}" is not described`]
  const text = answer.headers[name.toLowerCase()]
  if (text === undefined) return described.required ? [`has no header "${name}"`] : []
  const value = described.schema.type === 'integer' ? Number(text) : text
  return validators
    .problemsOf(described.schema, value)
    .map((problem) => `the header "${name}" is "${text}": ${problem}`)
}

function checkBody(
  validators: Validators,
  content: Operation['responses'][string]['content'],
  answer: Answer,
): string[] {
  if (!content) return answer.body === '' ? [] : [`has a body, which is not documented`]
  const type = answer.headers['content-type']?.split(';', 1)[0] ?? 'none'
  const media = content[type]
  if (!media) return [`has the content type "${type}"; expected ${Object.keys(content)}`]
  if (type === 'text/event-stream') {
    const events = [...answer.body.matchAll(/^data: (.*)$/gm)].map(([, text = '']) => JSON.parse(text))
    return events.flatMap((event) => validators.problemsOf(media['x-event-data'] ?? {}, event))
  }
  return validators.problemsOf(media.schema, JSON.parse(answer.body))
}

/** An answer of the gateway, or of a function whose router reads a path differently. */
function checkRefusal({ target, method }: ApiRequest, answer: Answer): string[] {
  if (ownPages.has(target.split('?', 1)[0] ?? '') && answer.status === 200) return []
  // A body beyond the limit is refused before the router reads the path.
  const expected = [400, 404, 405, 413]
  if (!expected.includes(answer.status))
    return [`answered ${answer.status} on a path that does not exist; expected ${expected}`]
  if (method === 'HEAD') return []
  if (answer.headers['content-type'] !== 'application/problem+json')
    return [`refused with "${answer.headers['content-type']}"`]
  const problem = JSON.parse(answer.body) as { status?: unknown; reason?: unknown }
  return problem.status === answer.status && typeof problem.reason === 'string' ? [] : ['refused without a problem']
}
