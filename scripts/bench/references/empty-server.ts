import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The minimal HTTP server in Node.js. */
if (import.meta.main) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok')
  })
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening on port ${(server.address() as AddressInfo).port}\n`)
  })
}
