/** `main.ts` of a function that receives events; the rest of it is the same for queues and schedules. */
export function eventMain(options: { imports: readonly string[]; handlerOption: string }): string {
  const imports = [
    "import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'",
    "import { composeFunction } from '../../_lib/process/compose-function.ts'",
    "import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'",
    "import spec from './function.ts'",
    "import { createHandler } from './handler.ts'",
    ...options.imports,
  ]
  return `${imports.join('\n')}

export const start = composeFunction(import.meta, spec, (fn) => {
  const database = connectDatabase(fn)
  return createHandler({ ...eventAppParts(fn, database), ${options.handlerOption} })
})
`
}
