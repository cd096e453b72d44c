import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { recordHandled } from '../../../_lib/messaging/inbox.pg.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { finishStep } from '../../job/statements/hold-job.pg.ts'
import { stepOutputs } from '../../schema.ts'
import { endAnsweredCall } from '../answer/save-result.pg.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { ModelCall } from '../model/ask-model.ts'
import { type StepOutput, type StepWithOutput, stepOutputSchemas } from './step-output.ts'

export type FinishedStep<Step extends StepWithOutput> = {
  output: StepOutput<Step>
  nextStep: AnalysisStep
  /** The command of the next step. */
  reply: JsonCloudEvent
  modelCall?: ModelCall
}

export type StepOutputs = {
  /** The output of an earlier step of the job. Undefined when the job skipped the step. */
  find: <Step extends StepWithOutput>(jobId: string, step: Step) => Promise<StepOutput<Step> | undefined>
  /** The reply of a finished step of an unfinished job. */
  findReply: (jobId: string, step: StepWithOutput) => Promise<JsonCloudEvent | undefined>
  /**
   * Saves the output of the step, moves the job to the next one and records the event as handled, in one transaction. False
   * when the lease is lost, and nothing is written.
   */
  finish: <Step extends StepWithOutput>(
    run: Pick<AnalysisRun, 'job' | 'event'>,
    step: Step,
    finished: FinishedStep<Step>,
  ) => Promise<boolean>
  isUnfinished: (jobId: string) => Promise<boolean>
}

export function createStepOutputs(database: Database, consumer: string): StepOutputs {
  return {
    find: async (jobId, step) => {
      const { rows } = await database.run((db) =>
        db.execute<{ output: unknown }>(sql`
          select output from waste.step_outputs where job_id = ${jobId} and step = ${step}`),
      )
      const [row] = rows
      return row && (stepOutputSchemas[step].parse(row.output) as StepOutput<typeof step>)
    },
    findReply: async (jobId, step) => {
      const { rows } = await database.run((db) =>
        db.execute<{ reply: JsonCloudEvent }>(sql`
          select reply from waste.step_outputs where job_id = ${jobId} and step = ${step}`),
      )
      return rows[0]?.reply
    },
    finish: ({ job, event }, step, { output, nextStep, reply, modelCall }) =>
      database.transaction(async (tx) => {
        if (!(await finishStep(tx, job, step, nextStep))) return false
        await tx.insert(stepOutputs).values({ jobId: job.jobId, step, output, nextStep, reply })
        if (modelCall) await endAnsweredCall(tx, job, modelCall)
        await recordHandled(tx, consumer, event)
        return true
      }),
    isUnfinished: async (jobId) => {
      const { rows } = await database.run((db) =>
        db.execute(sql`select from waste.jobs where job_id = ${jobId} and finished_at is null`),
      )
      return rows.length === 1
    },
  }
}
