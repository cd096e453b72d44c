import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import type { StagedAnalysis } from './staged-analysis.ts'
import type { TestJob, WasteParts } from './waste-parts.ts'

const deliveriesMax = 40

/**
 * Delivers an event, its replies, and the commands from the outbox, until the job has ended and nothing is on its way.
 * Waits for nothing: a deferred command is due at once, and the circuit of the model closed.
 */
export async function followToEnd(
  { parts, staged }: { parts: WasteParts; staged: StagedAnalysis },
  job: TestJob,
  command: JsonCloudEvent,
  instance?: FunctionInstance,
): Promise<JsonCloudEvent[]> {
  const delivered: JsonCloudEvent[] = []
  let next: JsonCloudEvent | undefined = command
  while (next) {
    if (delivered.length === deliveriesMax) throw new Error(`The job "${job.jobId}" has no end`)
    delivered.push(next)
    const { reply } = await staged.deliver(next, instance)
    next = reply ?? (await takeCommand(parts, job))
  }
  return delivered
}

async function takeCommand({ database }: WasteParts, { jobId }: TestJob): Promise<JsonCloudEvent | undefined> {
  await database.query(`update waste.model_circuit set open_until = 'epoch', reason = null`)
  const [row] = await database.query<{ event: JsonCloudEvent }>(
    `update events.outbox set sent_at = now() where sent_at is null and event -> 'data' ->> 'job_id' = $1 returning event`,
    [jobId],
  )
  return row?.event
}
