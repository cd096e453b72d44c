import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, decodeJwt, importJWK } from 'jose'
import { type JsonCloudEvent, toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import type { SignEvent } from '../../../functions/_lib/events/event-signature.ts'
import { createUuidV7 } from '../../../functions/_lib/http/uuid.ts'
import { createTestKeys, signTestOperatorToken, signTestToken } from '../../../functions/_lib/testing/test-keys.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'
import { localRedirectUri } from '../../local/platform/environment/local-values.ts'
import { eventKeysOf, readOrCreateSecrets } from '../../local/platform/environment/secrets.ts'
import type { Credential, KnownValues } from './arbitrary-request.ts'

export type People = {
  known: KnownValues
  /** The `Authorization` of a credential; a stranger is another person each time. */
  authorizationOf: (credential: Credential) => Promise<string | undefined>
}

// Each person can delete the account only once.
const leaversCount = 40

type Session = { access_token: string; refresh_token: string }

/** People with accounts, sessions and jobs, and tokens that must be refused. */
export async function arrangePeople(
  url: string,
  dataDirectory: string,
  urls: { deadLetters: string; batch: string },
): Promise<People> {
  const keeper = await signIn(url, 'keeper')
  const leavers = await Promise.all(Array.from({ length: leaversCount }, (_, index) => signIn(url, `leaver-${index}`)))
  const othersOfKeeper = await Promise.all(Array.from({ length: 3 }, () => signIn(url, 'keeper')))
  const waiting = await openJob(url, keeper.access_token)
  const answered = await analyse(url, keeper.access_token)
  const secrets = await readOrCreateSecrets(dataDirectory)
  const { signingKey, operatorKey } = secrets
  const { sign } = signaturesOf(eventKeysOf(secrets))
  const keys = { kid: signingKey.kid ?? '', privateKey: (await importJWK(signingKey, 'ES256')) as CryptoKey }
  const operatorKeys = { kid: operatorKey.kid ?? '', privateKey: (await importJWK(operatorKey, 'ES256')) as CryptoKey }
  const deadLetterIds = await makeDeadLetters(url, urls.deadLetters, await signTestOperatorToken(operatorKeys), sign)
  const foreignKeys = await createTestKeys()
  const hourAgo = () => new Date(Date.now() - 3_600_000)
  let turn = 0
  const tokens: Record<Credential, () => Promise<string> | string | undefined> = {
    keeper: () => keeper.access_token,
    leaver: () => leavers[turn++ % leavers.length]?.access_token,
    stranger: () => signTestToken(keys, { userId: createUuidV7() }),
    operator: () => signTestOperatorToken(operatorKeys),
    expired: () => signTestToken(keys, { now: hourAgo() }),
    forged: () => signTestToken({ ...foreignKeys, kid: keys.kid }),
    garbage: () => 'not.a.token',
    none: () => undefined,
  }
  return {
    known: {
      job_id: [waiting.job_id, answered],
      session_id: othersOfKeeper.map(({ access_token }) => String(decodeJwt(access_token).sid)),
      refresh_token: leavers.slice(leaversCount / 2).map(({ refresh_token }) => refresh_token),
      redirect_uri: [localRedirectUri],
      dead_letter_id: deadLetterIds,
      run_id: await makeRuns(urls.batch, sign),
    },
    authorizationOf: async (credential) => {
      const token = await tokens[credential]()
      return token === undefined ? undefined : `Bearer ${token}`
    },
  }
}

const deadLettersCount = 10

/** Events that look as if a consumer had failed to handle them. */
async function makeDeadLetters(url: string, deadLetterUrl: string, token: string, sign: SignEvent): Promise<string[]> {
  for (let n = 0; n < deadLettersCount; n += 1) {
    const response = await fetch(deadLetterUrl, {
      method: 'POST',
      ...toBinaryMessage(sign(eventOf('app.growbin.ai.nonsense.v1', 'ai', {}))),
    })
    if (!response.ok) throw new Error(`The archive answered ${response.status}`)
  }
  const listed = await fetch(`${url}/api/v1/operations/dead-letters`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await listed.json()) as { items: { dead_letter_id: string }[] }
  return items.map(({ dead_letter_id }) => dead_letter_id)
}

const eventOf = (type: string, queue: string, data: object): JsonCloudEvent => ({
  ...{ specversion: '1.0', id: createUuidV7(), source: '/growbin/tester', type, data },
  ...{ datacontenttype: 'application/json', extensions: { queue } },
})

/** Commands of batch work whose runs can be read. */
async function makeRuns(batchUrl: string, sign: SignEvent): Promise<string[]> {
  const runIds = [createUuidV7(), createUuidV7()]
  for (const run_id of runIds) {
    const response = await fetch(batchUrl, {
      method: 'POST',
      ...toBinaryMessage(
        sign(
          eventOf('app.growbin.batch.analytics.daily.v1', 'batch', { from: '2026-03-02', to: '2026-03-03', run_id }),
        ),
      ),
    })
    if (!response.ok) throw new Error(`The batch function answered ${response.status}`)
  }
  return runIds
}

async function signIn(url: string, name: string): Promise<Session> {
  const path = '/api/v1/auth/login/kakao'
  const begun = await post<{ login_attempt_id: string; authorize_url: string }>(`${url}${path}/begin`, {
    redirect_uri: localRedirectUri,
  })
  const authorizeUrl = new URL(begun.authorize_url)
  authorizeUrl.searchParams.set('login_hint', name)
  const { headers } = await fetch(authorizeUrl, { redirect: 'manual' })
  const returned = new URL(headers.get('location') ?? '').searchParams
  return post<Session>(url + path, {
    kind: 'authorization_code',
    login_attempt_id: begun.login_attempt_id,
    code: returned.get('code'),
    state: returned.get('state'),
    redirect_uri: localRedirectUri,
  })
}

type OpenedJob = { job_id: string; upload_url: string; upload_headers: Record<string, string> }

const answerMsMax = 60_000
const photoPath = join(import.meta.dirname, '../../photos/pet-bottle.jpg')

async function openJob(url: string, token: string): Promise<OpenedJob> {
  const { byteLength } = await readFile(photoPath)
  return post<OpenedJob>(
    `${url}/api/v1/waste/analyze`,
    { content_type: 'image/jpeg', content_length: byteLength },
    token,
  )
}

/** Resolves when the answer exists. A stream may end before the job does. */
async function analyse(url: string, token: string): Promise<string> {
  const job = await openJob(url, token)
  const put = await fetch(job.upload_url, {
    method: 'PUT',
    headers: job.upload_headers,
    body: await readFile(photoPath),
  })
  if (!put.ok) throw new Error(`The upload was refused with ${put.status}`)
  await post(`${url}/api/v1/waste/upload-complete/${job.job_id}`, undefined, token)
  const headers = { authorization: `Bearer ${token}` }
  const deadline = AbortSignal.timeout(answerMsMax)
  while ((await fetch(`${url}/api/v1/waste/result/${job.job_id}`, { headers, signal: deadline })).status !== 200) {
    await (await fetch(`${url}/api/v1/waste/events/${job.job_id}`, { headers, signal: deadline })).text()
  }
  return job.job_id
}

async function post<Body>(url: string, body: object | undefined, token?: string): Promise<Body> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`"${url}" answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Body
}
