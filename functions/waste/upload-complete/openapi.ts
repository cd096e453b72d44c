import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import { failureReasons } from '../job/failure-reasons.ts'
import { failureReasonNames, jobIdExample, jobIdParameter, jobStates } from '../snapshot/job-status.openapi.ts'
import type spec from './function.ts'

const answerSchema = z
  .strictObject({
    job_id: z.uuid().describe('Id of the job.'),
    status: z
      .enum(jobStates)
      .exclude(['created', 'failed'])
      .describe('`queued`, or further when this was said before.'),
    status_url: z.url().describe('Where to ask for the state of the job.'),
    result_url: z.url().describe('Where the answer will be.'),
  })
  .meta({ id: 'QueuedAnalysis', description: 'A job whose photo has arrived.' })

export default {
  routes: {
    'POST /api/v1/waste/upload-complete/:job_id': {
      operationId: 'completeUpload',
      limitedBy: 'person',
      summary: 'Say that the photo is uploaded',
      description:
        'Checks size, type and first bytes of the uploaded photo and orders its analysis. Repeating it changes nothing: ' +
        'the answer is the present state. A body is not read.',
      path: { job_id: jobIdParameter },
      answers: {
        202: {
          description: 'The analysis is ordered, or was before.',
          schema: answerSchema,
          examples: {
            queued: {
              summary: 'The analysis is ordered',
              value: {
                job_id: jobIdExample,
                status: 'queued',
                status_url: `https://api.example.com/api/v1/waste/status/${jobIdExample}`,
                result_url: `https://api.example.com/api/v1/waste/result/${jobIdExample}`,
              },
            },
          },
        },
      },
      problems: [
        { code: 'not_found', reason: 'not_found', when: 'There is no such job of this person.' },
        { code: 'conflict', reason: 'upload_size_mismatch', when: 'The photo is not of the size that was declared.' },
        { code: 'conflict', reason: 'upload_type_mismatch', when: 'The photo is not of the type that was declared.' },
        {
          code: 'conflict',
          reason: 'upload_not_an_image',
          when: 'The bytes are no photo of the type that was declared.',
        },
        ...failureReasonNames.map((reason) => ({
          code: 'conflict' as const,
          reason,
          when:
            reason === 'upload_missing'
              ? 'The photo has not been uploaded yet, or is gone.'
              : `The job has failed: ${failureReasons[reason].en}`,
        })),
      ],
    },
  },
} satisfies FunctionDescription<typeof spec>
