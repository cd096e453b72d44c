import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../process/log.ts'
import { createMetrics } from '../process/metrics.ts'
import type { Admission, CallOutcome } from './circuit-breaker.ts'
import {
  createOutboundCall,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundCallDeps,
  OutboundDeferredError,
  type OutboundService,
  parseAnswer,
} from './outbound-call.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

let answers: Answer[]
let requests: { method: string | undefined; body: string; headers: IncomingMessage['headers'] }[]
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  requests.push({ method: request.method, body, headers: request.headers })
  const answer = answers.length > 1 ? answers.shift() : answers[0]
  answer?.(response, request)
})
let url: URL
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/thing?token=canary`)
})
beforeEach(() => {
  answers = []
  requests = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const send =
  (status: number, body = '{"ok":true}', headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body)
const hang: Answer = () => undefined
const reset: Answer = (response) => void response.socket?.resetAndDestroy()
const hangInBody: Answer = (response) => void response.writeHead(200).write('{"ok"')

const service: OutboundService = {
  name: 'the-service',
  limits: { callsPerSecond: 10, callsAtOnceMax: 10, probeSeconds: 10 },
  timeoutMs: 2_000,
  maxAttempts: 2,
}
const impatient = { ...service, timeoutMs: 100 }

function arrange(admit: () => Admission = () => ({ kind: 'admitted', probeNo: undefined })) {
  const outcomes: CallOutcome[] = []
  const lines: string[] = []
  const waits: number[] = []
  const metrics = createMetrics('test')
  const deps: OutboundCallDeps = {
    breaker: {
      admit: async () => admit(),
      settle: async (_, __, outcome) => {
        outcomes.push(outcome)
        return { wasOpen: false, isOpen: outcomes.length >= 4 }
      },
    },
    log: createLogger({ service: 'test', level: 'trace', destination: { write: (line) => void lines.push(line) } }),
    metrics,
    random: () => 0.5,
    wait: async (ms) => void waits.push(ms),
  }
  const callService = createOutboundCall(deps)
  const read = (answer: OutboundAnswer) => ({ status: answer.status, body: parseAnswer(answer) })
  const call = (of = service, signal?: AbortSignal) => callService(of, { url, method: 'GET' }, read, signal)
  const problemOf = (of = service, signal?: AbortSignal) =>
    call(of, signal).then(
      (value) => {
        throw new Error(`It was answered: ${JSON.stringify(value)}`)
      },
      (error: OutboundDeferredError) => {
        expect(error).toBeInstanceOf(OutboundDeferredError)
        const { reason, delaySeconds } = error
        return { reason, delaySeconds }
      },
    )
  const counted = async () =>
    (await metrics.render()).body.split('\n').filter((line) => line.startsWith('outbound_calls_total{'))
  return { callService, call, problemOf, counted, outcomes, lines, waits, metrics }
}

it('returns an answer, and posts forms', async () => {
  answers = [send(200, '{"id":1376016924429759243,"count":7,"share":0.5}')]
  const { callService, outcomes } = arrange()
  const answer = await callService(service, { url, method: 'POST', form: { a: 'b c' } }, parseAnswer)
  expect(answer).toEqual({ id: '1376016924429759243', count: 7, share: 0.5 })
  expect(requests).toEqual([
    expect.objectContaining({
      method: 'POST',
      body: 'a=b+c',
      headers: expect.objectContaining({ 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
    }),
  ])
  expect(outcomes).toEqual([{ kind: 'answered' }])
})

it.each([400, 401, 404, 302])(
  'returns %i to the caller, as no failure of the service, after one attempt',
  async (status) => {
    answers = [send(status)]
    const { call, outcomes } = arrange()
    expect(await call()).toEqual({ status, body: { ok: true } })
    expect(outcomes).toEqual([{ kind: 'answered' }])
    expect(requests).toHaveLength(1)
  },
)

describe('a failure', () => {
  it.each([
    ['a 500', send(500), service, 'server_error'],
    ['a 503 without Retry-After', send(503), service, 'server_error'],
    ['no answer', hang, impatient, 'timed_out'],
    ['half of an answer', hangInBody, impatient, 'timed_out'],
    ['a connection that is cut', reset, service, 'unreachable'],
    ['an answer that is no JSON', send(200, '<html>'), service, 'malformed'],
    ['an endless answer', send(200, `"${'x'.repeat(1_100_000)}"`), service, 'unreachable'],
  ])('%s is tried again, and counted', async (_, answer, of, outcome) => {
    answers = [answer, send(200)]
    const { call, outcomes, counted, waits } = arrange()
    expect(await call(of)).toEqual({ status: 200, body: { ok: true } })
    expect(outcomes).toEqual([{ kind: 'failed' }, { kind: 'answered' }])
    expect(waits).toEqual([100])
    expect(await counted()).toEqual([
      expect.stringMatching(new RegExp(`^outbound_calls_total\\{.*outcome="${outcome}".*\\} 1$`)),
      expect.stringMatching(/^outbound_calls_total\{.*outcome="answered".*\} 1$/),
    ])
  })

  it('is deferred after the last attempt, with the cause for the log and nothing of the address in it', async () => {
    answers = [send(500, 'canary-body')]
    const { problemOf, outcomes, lines } = arrange()
    expect(await problemOf()).toEqual({ reason: 'failed', delaySeconds: 5 })
    expect(outcomes).toHaveLength(2)
    expect(requests).toHaveLength(2)
    expect(lines).toHaveLength(2)
    expect(lines.join('')).toContain('\\"the-service\\" answered 500')
    expect(lines.join('')).not.toContain('canary')
  })

  it('is not retried when the deadline of the event has passed', async () => {
    answers = [hang]
    const { problemOf } = arrange()
    expect(await problemOf(service, AbortSignal.timeout(50))).toMatchObject({ reason: 'failed' })
    expect(requests).toHaveLength(1)
  })

  it('to count a call does not lose its answer', async () => {
    answers = [send(200)]
    const { call } = arrange()
    const broken = createOutboundCall({
      breaker: {
        admit: async () => ({ kind: 'admitted', probeNo: undefined }),
        settle: () => Promise.reject(new Error('PostgreSQL is unavailable')),
      },
      log: createLogger({ service: 'test', level: 'fatal' }),
      metrics: createMetrics('test'),
    })
    expect(await broken(service, { url, method: 'GET' }, parseAnswer)).toEqual({ ok: true })
    expect(await call()).toMatchObject({ status: 200 })
  })
})

describe('a service that throttles', () => {
  const soon = new Date(Date.now() + 40_000).toUTCString()
  const now = new Date(Date.now()).toUTCString()
  it.each<[string, Answer, number]>([
    ['429 with seconds', send(429, '', { 'retry-after': '7' }), 7],
    ['429 with a date', send(429, '', { 'retry-after': soon, date: now }), 40],
    ['429 with days', send(429, '', { 'retry-after': '864000' }), 3_600],
    ['429 without Retry-After', send(429), 10],
    ['503 with seconds', send(503, '', { 'retry-after': '9' }), 9],
  ])('%s pauses its calls for so long, without another attempt', async (_, answer, pauseSeconds) => {
    answers = [answer]
    const { problemOf, outcomes } = arrange()
    const { reason, delaySeconds } = await problemOf()
    expect({ reason, delaySeconds }).toEqual({ reason: 'throttled', delaySeconds: pauseSeconds })
    expect(outcomes).toEqual([{ kind: 'throttled', pauseSeconds }])
    expect(requests).toHaveLength(1)
  })

  it('is recognized by its own answers', async () => {
    answers = [send(400, '{"code":-10}')]
    const { problemOf } = arrange()
    const own = { ...service, isThrottled: (answer: OutboundAnswer) => answer.text.includes('-10'), pauseSeconds: 600 }
    expect(await problemOf(own)).toEqual({ reason: 'throttled', delaySeconds: 600 })
  })
})

it('is not called when the breaker refuses, and the error names the reason and the delay', async () => {
  const { problemOf, metrics } = arrange(() => ({ kind: 'refused', reason: 'circuit_open', waitSeconds: 12 }))
  expect(await problemOf()).toEqual({ reason: 'circuit_open', delaySeconds: 12 })
  expect(requests).toHaveLength(0)
  expect((await metrics.render()).body).toMatch(/outbound_calls_deferred_total\{[^}]*reason="circuit_open"[^}]*\} 1/)
})

it('every attempt takes a token of its own', async () => {
  answers = [send(500)]
  let tokens = 1
  const { problemOf } = arrange(() => {
    tokens -= 1
    return tokens >= 0
      ? { kind: 'admitted', probeNo: undefined }
      : { kind: 'refused', reason: 'no_token', waitSeconds: 3 }
  })
  expect(await problemOf()).toEqual({ reason: 'no_token', delaySeconds: 3 })
  expect(requests).toHaveLength(1)
})

it('shows the circuit, and counts its changes', async () => {
  answers = [send(500)]
  const { problemOf, metrics } = arrange()
  await problemOf()
  expect((await metrics.render()).body).toMatch(/outbound_circuit_open\{[^}]*\} 0/)
  await problemOf()
  const { body } = await metrics.render()
  expect(body).toMatch(/outbound_circuit_open\{[^}]*\} 1/)
  expect(body).toMatch(/outbound_circuit_changes_total\{[^}]*to="open"[^}]*\} 1/)
})

it('an error of the reader itself is no failure of the service', async () => {
  answers = [send(401)]
  const { callService, outcomes } = arrange()
  const refuse = () => {
    throw new RangeError('refused')
  }
  await expect(callService(service, { url, method: 'GET' }, refuse)).rejects.toThrow(RangeError)
  expect(outcomes).toEqual([{ kind: 'answered' }])
  expect(() => parseAnswer({ status: 200, headers: new Headers(), text: 'no' })).toThrow(MalformedAnswerError)
})
