/** `main.ts` of a function that receives events; the rest of it is the same for queues and schedules. */
export function eventMain(options: { imports: readonly string[]; handlerOption: string }): string {
  const imports = [
    "import { type Environment, parseConfig } from '../../_lib/process/config.ts'",
    "import { openDatabase } from '../../_lib/stores/database.pg.ts'",
    "import { createDeadLetterRecorder } from '../../_lib/messaging/dead-letters.pg.ts'",
    "import { createTickCheck } from '../../_lib/events/declared-ticks.ts'",
    "import { createEventSignatures } from '../../_lib/events/event-signature.ts'",
    "import { createLogger } from '../../_lib/process/log.ts'",
    "import { createMetrics } from '../../_lib/process/metrics.ts'",
    "import { createResources } from '../../_lib/process/resources.ts'",
    "import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'",
    "import { configSchema } from './config.ts'",
    "import spec from './function.ts'",
    "import { createHandler } from './handler.ts'",
    ...options.imports,
  ]
  return `${imports.join('\n')}

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = parseConfig(configSchema, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const database = resources.add(
    openDatabase({ url: config.DATABASE_URL, connectionsMax: config.DATABASE_CONNECTIONS_MAX ?? spec.connections.DATABASE_URL, log }),
  )
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    consumer: spec.name,
    signatures: createEventSignatures(config.EVENT_KEYS),
    isDeclaredTick: createTickCheck(spec),
    recordDeadLetter: createDeadLetterRecorder(database),
    ${options.handlerOption},
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
`
}

export const eventConfig = `import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/events/event-keys.ts'
import { databaseVariables, logVariables } from '../../_lib/process/variables.ts'

export const configSchema = z.object({ ...logVariables, ...eventKeysVariables, ...databaseVariables })
`
