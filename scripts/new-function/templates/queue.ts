import type { QueueSpec } from '../../manifests/trigger-kind.ts'
import { pascalCase, wordsOf } from '../words.ts'
import { eventMain } from './event-main.ts'
import { eventTest, eventWork } from './event-work.ts'
import { eventParts, type Files, functionFile } from './shared.ts'

/** A function that handles each event of a queue once, and the contract of that event. */
export function queueFiles(spec: QueueSpec): Files {
  const words = wordsOf(spec.name)
  const { name, domain, operation, camel, pascal } = words
  const { queue } = spec.trigger
  const folder = `functions/${domain}/${operation}`
  const contract = `${queue}-${name}.v1.ts`
  const constant = `${queue}${pascalCase(name)}V1`
  return {
    [`functions/_contracts/events/${contract}`]: `import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const ${constant} = defineEvent({
  type: 'app.growbin.${queue}.${domain}.${operation}.v1',
  queue: '${queue}',
  summary: 'Work for ${name} is written down: do it.',
  schema: z.object({ id: z.uuid() }),
  example: { id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
`,
    [`${folder}/function.ts`]: functionFile(spec, {
      imports: `import { ${constant} } from '../../_contracts/events/${contract}'\n${eventParts.imports}`,
      groups: eventParts.groups,
      handles: constant,
    }),
    ...eventWork(words, '{ event: JsonCloudEvent; id: string }'),
    [`${folder}/handler.ts`]: `import { ${constant} } from '../../_contracts/events/${contract}'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { ${pascal}Input } from './${operation}.ts'

export type HandlerOptions = EventAppOptions & {
  ${camel}: (input: ${pascal}Input) => Promise<'done' | 'already_done'>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [${constant}.type]: async (event, { id }) => {
      const outcome = await options.${camel}({ event, id })
      options.metrics.count('${operation.replaceAll('-', '_')}_total', { outcome })
    },
  })
}
`,
    [`${folder}/main.ts`]: eventMain({
      imports: [`import { createCommit } from './commit.pg.ts'`, `import { ${camel} } from './${operation}.ts'`],
      handlerOption: `${camel}: (input) => ${camel}({ commit: createCommit(database, spec.name) }, input)`,
    }),
    ...eventTest(words, {
      imports: `import { ${constant} } from '../../_contracts/events/${contract}'
import { createEvent } from '../../_lib/events/event-contract.ts'
`,
      validEvent: `createEvent(
        ${constant},
        { id: randomUUID(), source: '/growbin/test', subject: 'test', time: new Date(), traceparent: '' },
        ${constant}.example,
      )`,
    }),
    [`${folder}/${operation}.test.ts`]: `import { expect, test } from 'vitest'
import { ${constant} } from '../../_contracts/events/${contract}'
import { createEvent } from '../../_lib/events/event-contract.ts'
import { ${camel} } from './${operation}.ts'

const { id } = ${constant}.example
const event = createEvent(
  ${constant},
  { id: 'event-1', source: '/growbin/test', subject: id, time: new Date(0), traceparent: '' },
  { id },
)

test('a second delivery of an event is told apart from the first', async () => {
  const handled = new Set<string>()
  const deps = { commit: async (input: { event: { id: string } }) => handled.size !== handled.add(input.event.id).size }
  expect(await ${camel}(deps, { event, id })).toBe('done')
  expect(await ${camel}(deps, { event, id })).toBe('already_done')
})
`,
    [`${folder}/handler.test.ts`]: `import { expect, test } from 'vitest'
import { ${constant} } from '../../_contracts/events/${contract}'
import { toBinaryMessage } from '../../_lib/events/cloud-event.ts'
import type { DeadLetter } from '../../_lib/messaging/dead-letters.pg.ts'
import { createEvent } from '../../_lib/events/event-contract.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { testSignatures, toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createHandler } from './handler.ts'

const { id } = ${constant}.example
const event = createEvent(
  ${constant},
  { id: 'event-1', source: '/growbin/test', subject: id, time: new Date(0), traceparent: '' },
  { id },
)

async function deliver(message: { headers: Record<string, string>; body: string }, failure?: Error) {
  const ids: string[] = []
  const rejected: DeadLetter[] = []
  const app = createHandler({
    log: createLogger({ service: 'test', level: 'fatal' }),
    metrics: createMetrics('test'),
    signatures: testSignatures,
    recordDeadLetter: async (letter) => rejected.push(letter) > 0,
    ${camel}: async (input) => {
      if (failure) throw failure
      ids.push(input.id)
      return 'done'
    },
  })
  const response = await app.request('/', { method: 'POST', ...message })
  return { status: response.status, ids, reasons: rejected.map(({ reason }) => reason) }
}

test('an event is handled and acknowledged', async () => {
  expect(await deliver(toSignedMessage(event))).toEqual({ status: 204, ids: [id], reasons: [] })
})

test('data that breaks the contract is recorded and acknowledged', async () => {
  expect(await deliver(toSignedMessage({ ...event, data: { id: 7 } }))).toEqual({ status: 202, ids: [], reasons: ['invalid_data'] })
})

test('an event without a signature is recorded, and takes no effect', async () => {
  expect(await deliver(toBinaryMessage(event))).toEqual({ status: 202, ids: [], reasons: ['unsigned'] })
})

test('a failure asks for another delivery', async () => {
  const { status, reasons } = await deliver(toSignedMessage(event), new Error('the database is unavailable'))
  expect({ status, reasons }).toEqual({ status: 503, reasons: [] })
})
`,
  }
}
