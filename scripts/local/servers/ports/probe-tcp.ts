import { connect } from 'node:net'

/** Connects to 127.0.0.1, sends a greeting and resolves when the first byte of an answer passes the check. */
export function probeTcp(
  port: number,
  greeting: string,
  isAnswer: (first: Buffer) => boolean,
  timeoutMs = 1_000,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`127.0.0.1:${port} did not answer in ${timeoutMs} ms.`)),
    )
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`127.0.0.1:${port} closed the connection without an answer.`)))
    socket.once('connect', () => socket.write(greeting, 'latin1'))
    socket.once('data', (first: Buffer) => {
      if (isAnswer(first)) resolve()
      else reject(new Error(`127.0.0.1:${port} gave an unexpected answer.`))
      socket.destroy()
    })
  })
}
