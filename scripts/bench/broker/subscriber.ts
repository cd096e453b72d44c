import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type CalledSubscriber = {
  url: string
  /** Resolves to the moment of the next call, in milliseconds of `performance.now()`. */
  nextCall: () => Promise<number>
  close: () => Promise<void>
}

/** Starts a subscriber that only reports when it is called. */
export async function startSubscriber(): Promise<CalledSubscriber> {
  let onCall: (atMs: number) => void = () => undefined
  const server = createServer((request, response) => {
    onCall(performance.now())
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    nextCall: () => new Promise((resolve) => (onCall = resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
