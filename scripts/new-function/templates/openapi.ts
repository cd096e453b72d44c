import type { HttpSpec } from '../../manifests/trigger-kind.ts'
import { parametersOf, pascalCase, wordsOf } from '../words.ts'
import type { Files } from './shared.ts'

/** What the document of the API says of a new function: to be rewritten with its handler, and sound as it is. */
export function openapiFiles(spec: HttpSpec): Files {
  const { domain, operation, pascal } = wordsOf(spec.name)
  const [{ method, path }] = spec.trigger.routes as [HttpSpec['trigger']['routes'][number]]
  const parameters = parametersOf(path).map(({ name }) => name)
  return {
    [`functions/${domain}/${operation}/openapi.ts`]: `import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import type spec from './function.ts'

const answerSchema = z
  .strictObject({
    user_id: z.uuid().describe('Id of the person.'),
    at: z.iso.datetime().describe('When the request was answered, RFC 3339 in UTC.'),
  })
  .meta({ id: '${pascalCase(spec.name)}Answer', description: 'Who asked, and when.' })

export default {
  routes: {
    '${method} ${path}': {
      operationId: '${domain}${pascal}',
      summary: '${spec.name}',
      description: 'Answers who asks, and when.',
      ${parameters.length > 0 ? `path: { ${parameters.map(describeParameter).join(', ')} },` : ''}
      answers: {
        200: {
          description: 'The answer.',
          schema: answerSchema,
          examples: {
            answer: {
              summary: 'An answer',
              value: { user_id: '0198c5f1-03aa-7c11-8a0e-5d1c2b7e9f40', at: '2026-01-02T03:04:05.000Z' },
            },
          },
        },
      },
      ${parameters.length > 0 ? problems : ''}
    },
  },
} satisfies FunctionDescription<typeof spec>
`,
  }
}

const describeParameter = (name: string) =>
  `${name}: { description: 'The ${name.replaceAll('_', ' ')}.', schema: z.uuid(), example: '0198c5f1-03aa-7c11-8a0e-5d1c2b7e9f40' }`

const problems = `problems: [{ code: 'not_found', reason: 'not_found', when: 'There is no such thing of this person.' }],`

/** How a domain is called in the document, for one that has no route yet. */
export function domainFiles(domain: string): Files {
  return {
    [`functions/${domain}/openapi.ts`]: `import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: '${pascalCase(domain)}',
  description: 'What the domain ${domain} offers.',
} satisfies DomainDescription
`,
  }
}
