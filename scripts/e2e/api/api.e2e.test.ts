import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { type Platform, startPlatform } from '../../local/platform/platform.ts'
import type { ApiDocument } from '../../openapi/document.ts'
import { documentPath } from '../../openapi/document-path.ts'
import { createValidators } from '../../openapi/validators.ts'
import { type ApiRequest, requestOf } from './arbitrary-request.ts'
import { arrangePeople, type People } from './arrange-people.ts'
import { checkAnswer, findOperation } from './check-answer.ts'
import { createSender, type Sender } from './send-request.ts'

const requestsSent = Number(process.env.GROWBIN_API_REQUESTS ?? 2000)
// Fixed, so that a change is judged by itself; GROWBIN_API_SEED=$RANDOM tries other requests.
const seed = Number(process.env.GROWBIN_API_SEED ?? 20_261_121)
const atOnceMax = 16
const unlimited = '1000000000'

let document: ApiDocument
let platform: Platform
let people: People
let sender: Sender
let dataDirectory: string

beforeAll(async () => {
  document = JSON.parse(await readFile(join(repositoryRoot, documentPath), 'utf8'))
  dataDirectory = await mkdtemp(join(tmpdir(), 'growbin-api-'))
  // PostgreSQL runs as another account when root runs this, and that account needs access.
  await chmod(dataDirectory, 0o755)
  platform = await startPlatform({
    dataDirectory,
    port: 0,
    processes: false,
    real: {},
    modelLatencyMs: 0,
    overrides: {
      LOGINS_PER_MINUTE_MAX: unlimited,
      LOGINS_OF_IDENTITY_PER_MINUTE_MAX: unlimited,
      REFRESHES_PER_MINUTE_MAX: unlimited,
      REFRESHES_OF_SESSION_PER_HOUR_MAX: unlimited,
      LOGOUTS_PER_MINUTE_MAX: unlimited,
      REQUESTS_PER_MINUTE_MAX: unlimited,
      // A stream without new events ends by itself.
      STREAM_SECONDS_MAX: '1',
      // An error behind a 500 is logged with its stack.
      LOG_LEVEL: 'error',
    },
    writeLog: () => undefined,
    report: () => undefined,
  })
  const urlOf = (name: string) => `http://127.0.0.1:${platform.revisions.get(name)?.port}/`
  people = await arrangePeople(platform.url, dataDirectory, {
    deadLetters: urlOf('events-dead-letter'),
    batch: urlOf('jobs-batch-aggregate'),
  })
  sender = createSender(platform.url, atOnceMax)
})
afterAll(async () => {
  sender?.close()
  await platform?.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

// Each needs a single-use value: the code of a provider, a refresh token, a session. Random requests rarely have one.
const seldomAnsweredWell = new Set(['endSession', 'login', 'refresh'])

test(
  `${requestsSent} generated requests get no 500, nothing without credentials, and only what is documented`,
  async () => {
    const validators = createValidators(document)
    const requests = fc.sample(requestOf(document, people.known), { numRuns: requestsSent, seed })
    const failures = new Map<string, string>()
    const statuses: Record<string, Record<string, number>> = {}
    await eachOf(requests, atOnceMax, async (request) => {
      const authorization = await people.authorizationOf(request.credential)
      const answer = await sender
        .send(request, authorization === undefined ? {} : { authorization })
        .catch((error) => ({
          status: 0,
          headers: {},
          body: String(error),
        }))
      const name = findOperation(document, request)?.operationId ?? 'none'
      const counted = statuses[name] ?? {}
      statuses[name] = counted
      counted[answer.status] = (counted[answer.status] ?? 0) + 1
      for (const problem of answer.status === 0 ? [answer.body] : checkAnswer(document, validators, request, answer)) {
        const kind = `${name} ${answer.status}: ${problem.replace(/[0-9a-f-]{36}|\d+/g, '…')}`
        if (!failures.has(kind)) failures.set(kind, `${describe(request)}\n      ${answer.body.slice(0, 600)}`)
      }
    })
    const found = [...failures].map(([kind, example]) => `${kind}\n    ${example}`)
    expect(found.slice(0, 20).join('\n'), `seed ${seed}, ${found.length} kinds of failure`).toBe('')
    if (process.env.GROWBIN_API_REPORT) console.log(JSON.stringify(statuses, null, 2))

    // Without this, all requests could have been refused at the door.
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const unreached = operations.flatMap(({ operationId, responses }) => {
      const seen = Object.keys(statuses[operationId] ?? {})
      const wellDone = Object.keys(responses).filter((status) => status.startsWith('2'))
      return seldomAnsweredWell.has(operationId) || wellDone.some((status) => seen.includes(status))
        ? []
        : [operationId]
    })
    if (requestsSent >= 2000) expect(unreached, `seed ${seed}: routes that nothing reached`).toEqual([])
  },
  Math.max(180_000, requestsSent * 60),
)

test('the gateway serves the document and a page that loads nothing from elsewhere', async () => {
  const served = await fetch(`${platform.url}/api/v1/openapi.json`)
  expect(served.headers.get('content-type')).toBe('application/json')
  expect(await served.json()).toEqual(document)
  const page = await fetch(`${platform.url}/api/v1/docs`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
  await page.body?.cancel()
})

async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]()
  const worker = async () => {
    for (const item of remaining) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const describe = ({ method, target, credential, headers, body }: ApiRequest): string =>
  `${method} ${target.slice(0, 300)} as ${credential} ${JSON.stringify(headers)} ${body?.slice(0, 600) ?? ''}`
