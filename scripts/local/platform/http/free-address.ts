import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on the loopback interface; a port that is taken is an error that says so. */
export async function listenOn(server: Server, port: number, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port) : error)
    })
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

export class PortTakenError extends Error {
  override name = 'PortTakenError'

  constructor(port: number) {
    super(`Port ${port} is taken by another program; choose one with --port`)
  }
}
