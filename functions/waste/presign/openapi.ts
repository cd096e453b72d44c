import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import { jobIdExample } from '../snapshot/job-status.openapi.ts'
import type spec from './function.ts'
import { idempotencyKeySchema, requestSchema } from './handler.ts'

const answerSchema = z
  .strictObject({
    job_id: z.uuid().describe('Id of the job.'),
    upload_url: z.url().describe('Signed address for one PUT of exactly the photo that was declared.'),
    upload_headers: z
      .record(z.string(), z.string())
      .describe('Headers that the PUT must have, unchanged: they are part of the signature.'),
    expires_at: z.iso.datetime().describe('When the signed address ends, RFC 3339 in UTC.'),
    status_url: z.url().describe('Where to ask for the state of the job.'),
    result_url: z.url().describe('Where the answer will be.'),
  })
  .meta({ id: 'OpenedAnalysis', description: 'A job that waits for its photo.' })

export default {
  routes: {
    'POST /api/v1/waste/analyze': {
      operationId: 'openAnalysis',
      summary: 'Open an analysis',
      description:
        'Declares a photo and gets a signed address to upload it to. PUT the bytes there with `upload_headers`, then ' +
        'call `completeUpload`. A person may have five unfinished jobs.',
      limitedBy: 'person',
      headers: {
        'Idempotency-Key': {
          description:
            'Made up by the client for one photo. A request that is repeated with it gets the same job, and takes no second ' +
            'place of the five. The job id is made from it and the person.',
          schema: idempotencyKeySchema,
          example: '5b0e3f6e-8a0c-4c53-9f6e-0a7a3c1d9b42',
        },
      },
      body: {
        name: 'OpenAnalysisRequest',
        schema: requestSchema,
        fields: {
          '/content_type': 'Media type of the photo. The bytes must prove it.',
          '/content_length': 'Size of the photo in bytes.',
          '/sha256':
            'SHA-256 of the photo in lower-case hexadecimal digits. The object store then refuses other bytes.',
          '/location': 'Where the person is, to find bins nearby. It is forgotten when the job ends.',
          '/location/lat': 'Latitude in degrees (WGS 84).',
          '/location/lng': 'Longitude in degrees (WGS 84).',
          '/locale': 'Language of the answer. Default: that of `Accept-Language`.',
        },
        examples: {
          smallest: {
            summary: 'Only what is required',
            value: { content_type: 'image/jpeg', content_length: 482_113 },
          },
          complete: {
            summary: 'With a digest, a place and a language',
            value: {
              content_type: 'image/heic',
              content_length: 1_904_221,
              sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
              location: { lat: 37.5561, lng: 126.9019 },
              locale: 'en',
            },
          },
        },
      },
      answers: {
        201: {
          description: 'The job is open.',
          schema: answerSchema,
          headers: {
            Location: {
              description: 'The status of the job.',
              schema: z.url(),
              example: `https://api.example.com/api/v1/waste/status/${jobIdExample}`,
              required: true,
            },
          },
          examples: {
            opened: {
              summary: 'A job that waits for its photo',
              value: {
                job_id: jobIdExample,
                upload_url: `https://objects.example.com/uploads/${jobIdExample}?X-Amz-Expires=300&X-Amz-Signature=0f3c`,
                upload_headers: { 'content-type': 'image/jpeg', 'content-length': '482113' },
                expires_at: '2026-03-02T05:09:02.000Z',
                status_url: `https://api.example.com/api/v1/waste/status/${jobIdExample}`,
                result_url: `https://api.example.com/api/v1/waste/result/${jobIdExample}`,
              },
            },
          },
        },
      },
      problems: [
        {
          code: 'rate_limited',
          reason: 'too_many_unfinished_jobs',
          when: 'The person has five unfinished jobs.',
          retryAfter: true,
        },
        {
          code: 'rate_limited',
          reason: 'day_used_up',
          when:
            'The person has opened as many analyses as a day allows (a day of Asia/Seoul, 100 unless configured otherwise), ' +
            'those whose photo never came left out, or three times as many with those. `Retry-After` tells when the day ends.',
          retryAfter: true,
        },
        {
          code: 'invalid_request',
          reason: 'invalid_idempotency_key',
          when: 'The header `Idempotency-Key` is of another form.',
        },
        {
          code: 'conflict',
          reason: 'idempotency_key_reused',
          when: 'The header `Idempotency-Key` came before, with another photo.',
        },
        {
          code: 'conflict',
          reason: 'job_not_waiting',
          when: 'The job that was opened with this `Idempotency-Key` no longer waits for its photo.',
        },
        {
          code: 'unavailable',
          reason: 'analysis_paused',
          when: 'The model refuses work at the moment, so no new job is taken.',
          retryAfter: true,
        },
        {
          code: 'unavailable',
          reason: 'too_many_waiting',
          when: 'So many photos are waiting that another would not be analysed in time, so no new job is taken.',
          retryAfter: true,
        },
      ],
    },
  },
} satisfies FunctionDescription<typeof spec>
