import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { FunctionProcess } from './function-process.ts'

// The end of a process is told a moment after its connections have broken.
const endWaitMs = 200

/**
 * Whether a request whose connection broke without an answer can be sent again. A function that drains answers what it has
 * read before it closes the connection, so what it did not answer it never read. One that crashed may have done the work.
 */
export async function wasNeverRead(process: FunctionProcess): Promise<boolean> {
  const end = await Promise.race([process.ended, pause(endWaitMs, undefined)])
  if (end) return end.clean
  return !(await isListening(process.port))
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ port, host: '127.0.0.1' })
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
