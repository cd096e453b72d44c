import type { Words } from '../words.ts'
import type { Files } from './shared.ts'

/** The work of a function that handles an event: an operation, and the transaction in which an event takes effect once. */
export function eventWork({ domain, operation, camel, pascal }: Words, inputType: string): Files {
  const folder = `functions/${domain}/${operation}`
  return {
    [`${folder}/${operation}.ts`]: `import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'

export type ${pascal}Input = ${inputType}

export type ${pascal}Deps = {
  /** Commits the effect together with the record of the event. Resolves to false when it had been handled before. */
  commit: (input: ${pascal}Input) => Promise<boolean>
}

export async function ${camel}(deps: ${pascal}Deps, input: ${pascal}Input): Promise<'done' | 'already_done'> {
  return (await deps.commit(input)) ? 'done' : 'already_done'
}
`,
    [`${folder}/commit.pg.ts`]: `import type { Database } from '../../_lib/stores/database.pg.ts'
import { isFirstHandling } from '../../_lib/messaging/inbox.pg.ts'
import type { ${pascal}Deps } from './${operation}.ts'

/** What the event changes belongs into this transaction: then two deliveries of it cannot both take effect. */
export function createCommit(database: Database, consumer: string): ${pascal}Deps['commit'] {
  return ({ event }) => database.transaction((tx) => isFirstHandling(tx, consumer, event))
}
`,
  }
}

/** The test that holds such a function to the shared suite. `validEvent` is an expression, whose imports are `imports`. */
export const eventTest = (words: Words, options: { imports: string; validEvent: string }): Files => ({
  [`functions/${words.domain}/${words.operation}/event.test.ts`]: `import { randomUUID } from 'node:crypto'
import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
${options.imports}import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

describeEventFunction({
  name: '${words.name}',
  start,
  environment: async () => {
    parts = await startTestParts()
    return parts.environmentOf('${words.login}')
  },
  validEvent: async () => (${options.validEvent}),
  // That it was handled, until it changes something else.
  effect: async ({ id }) => parts?.database.query('select consumer from events.inbox where event_id = $1', [id]),
})
`,
})
