import { sendRequest } from '../send-request.ts'
import { type MeasuredProcess, startProcess } from '../start-process.ts'
import type { FirstRequest } from './first-requests.ts'
import { readMemoryMib } from './read-memory.ts'

export type Start = { aliveMs: number; answeredMs: number; memoryMib: number | undefined }

export type StartedProgram = {
  file: string
  environment: Record<string, string>
  /** Sent once it is alive. The reference gets it too, and answers whatever it asks. */
  firstRequest?: FirstRequest | undefined
}

/** Starts a program, waits for its first two answers, and ends it. Throws for another status than the expected one. */
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
