import { createServer } from 'node:net'

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (!address || typeof address === 'string') throw new Error('The system assigned no TCP port on 127.0.0.1.')
  return address.port
}

/** Throws unless a server could listen on this port of 127.0.0.1. */
export async function checkPortFree(port: number, server: string): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (cause) =>
      reject(
        new Error(
          `${server} cannot listen on 127.0.0.1:${port}: another program does; stop it or choose another port.`,
          { cause },
        ),
      ),
    )
    probe.listen({ port, host: '127.0.0.1' }, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}
