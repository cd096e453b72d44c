import type { CronSpec } from '../../manifests/trigger-kind.ts'
import { wordsOf } from '../words.ts'
import { eventMain } from './event-main.ts'
import { eventParts, type Files, functionFile } from './shared.ts'

/** A function that a cron source wakes. */
export function cronFiles(spec: CronSpec): Files {
  const { name, domain, operation, camel, pascal } = wordsOf(spec.name)
  const folder = `functions/${domain}/${operation}`
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
    [`${folder}/${operation}.ts`]: `export type ${pascal}Deps = { now: () => Date }

export type ${pascal}Report = { at: Date }

/** A tick may come twice, late, or not at all. */
export async function ${camel}(deps: ${pascal}Deps): Promise<${pascal}Report> {
  return { at: deps.now() }
}
`,
    [`${folder}/handler.ts`]: `import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { ${pascal}Report } from './${operation}.ts'
import { ${camel}Tick } from './${operation}-tick.ts'

export type HandlerOptions = EventAppOptions & { ${camel}: () => Promise<${pascal}Report> }

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [${camel}Tick.type]: async () => {
      const report = await options.${camel}()
      options.log.info('Ran ${name}', report)
    },
  })
}
`,
    [`${folder}/main.ts`]: eventMain({
      imports: [`import { ${camel} } from './${operation}.ts'`],
      handlerOption: `${camel}: () => ${camel}({ now: () => new Date() })`,
    }),
    [`${folder}/${operation}.test.ts`]: `import { expect, test } from 'vitest'
import { ${camel} } from './${operation}.ts'

test('a run reports its time', async () => {
  const at = new Date('2026-01-02T03:04:05Z')
  expect(await ${camel}({ now: () => at })).toEqual({ at })
})
`,
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
      return { at: new Date(0) }
    },
  })
  const response = await app.request('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'tick-1',
      'ce-source': '/apis/v1/namespaces/${domain}/pingsources/${name}',
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
  expect(await tick({ task: '${operation}' }, new Error('away'))).toEqual({ status: 503, runs: 0, reasons: [] })
})
`,
  }
}
