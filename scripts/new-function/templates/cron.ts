import type { CronSpec } from '../../manifests/trigger-kind.ts'
import { wordsOf } from '../words.ts'
import { eventMain } from './event-main.ts'
import { eventTest, eventWork } from './event-work.ts'
import { eventParts, type Files, functionFile } from './shared.ts'

/** A function that a cron source wakes. */
export function cronFiles(spec: CronSpec): Files {
  const words = wordsOf(spec.name)
  const { name, domain, operation, camel, pascal } = words
  const folder = `functions/${domain}/${operation}`
  const source = `/apis/v1/namespaces/${domain}/pingsources/${name}`
  return {
    [`${folder}/function.ts`]: functionFile(spec, {
      imports: `${eventParts.imports}import { ${camel}Tick } from './${operation}-tick.ts'\n`,
      groups: eventParts.groups,
      handles: `${camel}Tick`,
    }),
    [`${folder}/${operation}-tick.ts`]: `import * as z from 'zod'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'

/** It goes straight to the function, past the broker, so it is no contract between domains. */
export const ${camel}Tick = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'It is time for ${name}.',
  schema: z.object({ task: z.literal('${operation}') }),
  example: { task: '${operation}' },
})
`,
    ...eventWork(words, '{ event: JsonCloudEvent }'),
    [`${folder}/handler.ts`]: `import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { ${pascal}Input } from './${operation}.ts'
import { ${camel}Tick } from './${operation}-tick.ts'

export type HandlerOptions = EventAppOptions & {
  ${camel}: (input: ${pascal}Input) => Promise<'done' | 'already_done'>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [${camel}Tick.type]: async (event) => {
      const outcome = await options.${camel}({ event })
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
      imports: '',
      validEvent: `{
        specversion: '1.0',
        id: randomUUID(),
        source: '${source}',
        type: 'dev.knative.sources.ping',
        datacontenttype: 'application/json',
        data: { task: '${operation}' },
        extensions: { schedule: '${name}' },
      }`,
    }),
    [`${folder}/handler.test.ts`]: `import { expect, test } from 'vitest'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { testSignatures } from '../../_lib/testing/test-event-keys.ts'
import { createHandler } from './handler.ts'

async function tick(data: unknown, failure?: Error) {
  const reasons: string[] = []
  let runs = 0
  const app = createHandler({
    log: createLogger({ service: 'test', level: 'fatal' }),
    metrics: createMetrics('test'),
    signatures: testSignatures,
    recordDeadLetter: async ({ reason }) => reasons.push(reason) > 0,
    ${camel}: async () => {
      if (failure) throw failure
      runs += 1
      return 'done'
    },
  })
  const response = await app.request('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'tick-1',
      'ce-source': '${source}',
      'ce-type': 'dev.knative.sources.ping',
      'ce-schedule': '${name}',
    },
    body: JSON.stringify(data),
  })
  return { status: response.status, runs, reasons }
}

test('a tick runs the work once', async () => {
  expect(await tick({ task: '${operation}' })).toEqual({ status: 204, runs: 1, reasons: [] })
})

test('a tick for other work is recorded and acknowledged', async () => {
  expect(await tick({ task: 'other' })).toEqual({ status: 202, runs: 0, reasons: ['undeclared_tick'] })
})

test('a failure asks for another delivery', async () => {
  expect(await tick({ task: '${operation}' }, new Error('the database is unavailable'))).toEqual({ status: 503, runs: 0, reasons: [] })
})
`,
  }
}
