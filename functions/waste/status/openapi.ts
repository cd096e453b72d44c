import * as z from 'zod'
import type { FunctionDescription, ProblemDescription } from '../../_lib/openapi/description.ts'
import { analysisResultExample, analysisResultSchema } from '../analysis-result.openapi.ts'
import { failureReasons } from '../job/failure-reasons.ts'
import {
  completedExample,
  failedExample,
  failureReasonNames,
  jobIdParameter,
  jobStatusSchema,
  runningExample,
} from '../snapshot/job-status.openapi.ts'
import type spec from './function.ts'

const noSuchJob: ProblemDescription = {
  code: 'not_found',
  reason: 'not_found',
  when: 'There is no such job of this person.',
}

export default {
  routes: {
    'GET /api/v1/waste/status/:job_id': {
      operationId: 'readStatus',
      summary: 'Read where a job is',
      description: 'For polling, at most once a second. The progress stream tells the same sooner.',
      limitedBy: 'person',
      path: { job_id: jobIdParameter },
      answers: {
        200: {
          description: 'The present state.',
          schema: jobStatusSchema,
          examples: {
            running: { summary: 'The model looks at the photo', value: runningExample },
            completed: { summary: 'The answer is there', value: completedExample },
            failed: { summary: 'The job failed', value: failedExample },
          },
        },
      },
      problems: [noSuchJob],
    },
    'GET /api/v1/waste/result/:job_id': {
      operationId: 'readResult',
      summary: 'Read the answer',
      description: 'The answer of a completed job, and a 409 that tells why there is none before.',
      limitedBy: 'person',
      path: { job_id: jobIdParameter },
      answers: {
        200: {
          description: 'The answer.',
          schema: analysisResultSchema,
          examples: { bottle: { summary: 'A clear PET bottle', value: analysisResultExample } },
        },
      },
      problems: [
        noSuchJob,
        {
          code: 'conflict',
          reason: 'result_not_ready',
          when: 'The job is not finished; `Retry-After` tells when to ask again.',
        },
        ...failureReasonNames.map((reason) => ({
          code: 'conflict' as const,
          reason,
          when: `The job has failed: ${failureReasons[reason].en}`,
        })),
      ],
    },
    'GET /api/v1/waste/events/:job_id': {
      operationId: 'followJob',
      summary: 'Follow a job',
      description:
        'Server-sent events: one `status` event for each new state, the last one with the answer. The id of an event ' +
        'grows with the progress of the job, so a client that resumes with `Last-Event-ID` gets nothing twice and misses ' +
        'no end. The server ends a stream after a while; resume it.',
      limitedBy: 'person',
      path: { job_id: jobIdParameter },
      headers: {
        'Last-Event-ID': {
          description: 'Id of the last event that was received. Anything but a whole number counts as none.',
          schema: z.string(),
          example: '50',
        },
      },
      answers: {
        200: {
          description: 'The stream.',
          stream: {
            schema: jobStatusSchema,
            example: `retry: 500\n\nid: 50\nevent: status\ndata: ${JSON.stringify(runningExample)}\n\n`,
          },
        },
        204: { description: 'The job is finished and the client has its end: there is nothing to come back for.' },
      },
      problems: [
        noSuchJob,
        {
          code: 'rate_limited',
          reason: 'too_many_streams',
          when: 'The person has too many streams open; `Retry-After` tells when to try again.',
        },
      ],
    },
  },
} satisfies FunctionDescription<typeof spec>
