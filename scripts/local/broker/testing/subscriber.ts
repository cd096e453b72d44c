import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { method: string; headers: Record<string, string>; body: Buffer }

export type Answer = {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
  hangUp?: boolean
  stall?: boolean
}

export type AnswerTo = (received: Received, count: number) => Answer | Promise<Answer>

/** A sink that records what it receives; `answerTo` gets the request and its number, from one. */
export async function startSubscriber(answerTo: AnswerTo = () => ({ status: 204 })) {
  const received: Received[] = []
  let wake: (() => void)[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one = {
      method: request.method ?? '',
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    }
    received.push(one)
    for (const resolve of wake.splice(0)) resolve()
    const answer = await answerTo(one, received.length)
    response.writeHead(answer.status, answer.headers)
    if (answer.hangUp) response.write(answer.body, () => request.socket.destroy())
    else if (answer.stall) response.write(answer.body)
    else response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    ids: () => received.map(({ headers }) => headers['ce-id']),
    /** Resolves with all received events once there are `count`. */
    async got(count: number): Promise<Received[]> {
      while (received.length < count) await new Promise<void>((resolve) => wake.push(resolve))
      return received
    },
    close: () =>
      new Promise<void>((resolve) => {
        wake = []
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type Subscriber = Awaited<ReturnType<typeof startSubscriber>>
