import { sendRequest } from '../send-request.ts'
import { type MeasuredProcess, startProcess } from '../start-process.ts'
import type { FirstRequest } from './first-requests.ts'
import { readMemoryMib } from './read-memory.ts'

export type Start = { aliveMs: number; answeredMs: number; memoryMib: number | undefined }

export type StartedProgram = {
  file: string
  environment: Record<string, string>
  /** Sent after the health check. The reference gets the same request and always answers the expected status. */
  firstRequest?: FirstRequest | undefined
}

/** Starts a program, waits for its first two answers, and stops it. Throws for an unexpected status. */
export async function startOnce(program: StartedProgram): Promise<Start> {
  const running = await startProcess(program.file, program.environment)
  try {
    await expectStatus(running, { method: 'GET', path: '/healthz', status: 200 }, program.file)
    const aliveMs = performance.now() - running.startedMs
    if (program.firstRequest) await expectStatus(running, program.firstRequest, program.file)
    const answeredMs = performance.now() - running.startedMs
    return { aliveMs, answeredMs, memoryMib: await readMemoryMib(running.processId) }
  } finally {
    await running.stop()
  }
}

async function expectStatus(running: MeasuredProcess, request: FirstRequest, file: string): Promise<void> {
  const status = await sendRequest(running.port, request)
  if (status === request.status) return
  throw new Error(`"${file}" answered "${request.method} ${request.path}" with ${status}, expected ${request.status}`)
}
