import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import type spec from './function.ts'

const requestedSchema = z
  .strictObject({ deletion_id: z.uuid().describe('Id of the deletion, for support requests.') })
  .meta({ id: 'OrderedDeletion', description: 'A deletion that was requested.' })

export default {
  routes: {
    'DELETE /api/v1/users/account': {
      operationId: 'deleteAccount',
      summary: 'Delete the account',
      description:
        'Ends every session, and removes photos, results, sessions, provider links and the account within about a minute. ' +
        'The link at the login provider is ended too, with retries for a week if the provider does not answer. ' +
        'The person must have signed in within the last five minutes. A repeated request changes nothing.',
      answers: {
        202: {
          description: 'The deletion was requested.',
          schema: requestedSchema,
          examples: {
            requested: { summary: 'Requested', value: { deletion_id: '0198c5f4-11d2-7a60-b8e7-94c3f0a2d75b' } },
          },
        },
      },
      problems: [
        {
          code: 'forbidden',
          reason: 'reauthentication_required',
          when: 'The person signed in more than five minutes ago.',
        },
      ],
    },
  },
} satisfies FunctionDescription<typeof spec>
