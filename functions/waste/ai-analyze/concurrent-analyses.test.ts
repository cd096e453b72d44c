import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

const photos = 25
let parts: WasteParts<LocalWasteServers>
let gate: Server

beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
})
afterAll(async () => {
  gate?.closeAllConnections()
  gate?.close()
  await parts?.close()
})

/** A model that answers no call until all calls have arrived. */
async function startGate(): Promise<string> {
  const { origin } = new URL(parts.model.url)
  const waiting: (() => Promise<void>)[] = []
  const pass = async (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const answer = await fetch(`${origin}${request.url}`, {
      method: 'POST',
      headers: { authorization: `${request.headers.authorization}`, 'content-type': 'application/json' },
      body: new Uint8Array(body),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  }
  gate = createServer(async (request, response) => {
    const body = await buffer(request)
    waiting.push(() => pass(request, response, body))
    if (waiting.length === photos) for (const answer of waiting) await answer()
  })
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(gate.address() as AddressInfo).port}/v1`
}

/** Noise of its own colour, so that none is known from another. */
const drawPhoto = (n: number) =>
  sharp({
    create: {
      ...{ width: 64, height: 64, channels: 3, background: { r: n * 10, g: 120, b: 255 - n * 10 } },
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()

it('waits for the model with many photos at once over one connection to PostgreSQL', async () => {
  const instance = await parts.start(start, { OPENAI_BASE_URL: await startGate(), DATABASE_CONNECTIONS_MAX: '1' })
  const jobs = await Promise.all(Array.from({ length: photos }, async (_, n) => parts.queuePhoto(await drawPhoto(n))))
  const responses = await Promise.all(jobs.map((job) => parts.deliver(instance, job)))
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([204]))
  const rows = await Promise.all(jobs.map(({ jobId }) => parts.jobRow(jobId)))
  expect(rows.map(({ state }) => state)).toEqual(jobs.map(() => 'completed'))
  expect(parts.model.control.calls().total).toBe(photos)
})
