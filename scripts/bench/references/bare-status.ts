import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'

/** The minimal status endpoint: writes one value of Redis as it is, without authentication, language or errors. */
const redis = new Redis(process.env.REDIS_URL ?? '', { db: Number(process.env.REDIS_DATABASE) })
const server = createServer(async (request, response) => {
  const body = await redis.get(`bench:${request.url?.slice(request.url.lastIndexOf('/') + 1)}`)
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
})
server.keepAliveTimeout = 95_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on port ${(server.address() as AddressInfo).port}\n`)
})
