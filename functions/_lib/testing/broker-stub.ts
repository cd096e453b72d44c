import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JsonCloudEvent, parseCloudEvent } from '../events/cloud-event.ts'

export type BrokerStub = {
  url: string
  /** Confirmed events, in order and without their signatures. */
  events: JsonCloudEvent[]
  /** Sets the status of further responses; 202 at first. */
  answer: (status: number) => void
  /** Calls `listener` with each event before it is confirmed. */
  onEvent: (listener: ((event: JsonCloudEvent) => Promise<void>) | undefined) => void
  close: () => Promise<void>
}

/** Starts an ingress that records the events that it receives, on a free port of this machine. */
export async function startBrokerStub(): Promise<BrokerStub> {
  const events: JsonCloudEvent[] = []
  let status = 202
  let listener: ((event: JsonCloudEvent) => Promise<void>) | undefined
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (status === 202) {
      const event = withoutSignature(
        parseCloudEvent(new Headers(request.headers as Record<string, string>), Buffer.concat(chunks)),
      )
      await listener?.(event)
      events.push(event)
    }
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events,
    answer: (next) => {
      status = next
    },
    onEvent: (next) => {
      listener = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function withoutSignature(event: JsonCloudEvent): JsonCloudEvent {
  const { signature: _, signaturekey: __, ...extensions } = event.extensions
  return { ...event, extensions }
}
