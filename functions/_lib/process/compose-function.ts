import type { HttpApp } from '../http/http-app.ts'
import type { logVariables } from '../variables/groups.ts'
import { type ConfigOf, readConfig, type Variables } from '../variables/variable.ts'
import type { FunctionSpec } from './function-spec.ts'
import { createLogger, type Logger } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type StartFunction, serve } from './serve.ts'

/**
 * A function that is being started, with what every function has. `connectDatabase`, `connectRedis` and their like open the rest; they
 * take this, and compile only for a function that declares their variables.
 */
export type OpenFunction<All extends Variables = Variables> = {
  name: string
  variables: All
  config: ConfigOf<All>
  log: Logger
  metrics: Metrics
  /** Registers a resource to be closed with the function, before those that were opened earlier. Returns it. */
  closeLater: <T extends { close: () => Promise<void> }>(resource: T) => T
}

type ComposedSpec = Pick<FunctionSpec, 'name'> & { variables: Variables & typeof logVariables }

/**
 * Makes the `start` of a `main.ts`, and serves it when that `module` is what the process runs. `start` reads the declared variables, then
 * calls `compose`, which opens connections and returns the app. When `compose` throws, and after the last request, all resources are
 * closed in reverse order, even when some fail to close.
 * `start` throws `ConfigError`, or what `compose` throws.
 *
 * @example
 * export const start = composeFunction(import.meta, spec, (fn) => {
 *   const database = connectDatabase(fn)
 *   return createHandler({ ...eventAppParts(fn, database), takeStep: (input) => takeStep({ database }, input) })
 * })
 */
export function composeFunction<Spec extends ComposedSpec>(
  module: Pick<ImportMeta, 'main'>,
  spec: Spec,
  compose: (fn: OpenFunction<Spec['variables']>) => HttpApp | Promise<HttpApp>,
): StartFunction {
  const start: StartFunction = async (environment) => {
    const variables: Spec['variables'] = spec.variables
    const config: ConfigOf<Spec['variables']> = readConfig(variables, environment)
    const { LOG_LEVEL: level, K_REVISION: revision } = config as ConfigOf<typeof logVariables>
    const opened = new AsyncDisposableStack()
    const close = () => opened.disposeAsync()
    const fn: OpenFunction<Spec['variables']> = {
      name: spec.name,
      variables,
      config,
      log: createLogger({ service: spec.name, level, revision }),
      metrics: createMetrics(spec.name),
      closeLater: (resource) => opened.adopt(resource, (adopted) => adopted.close()),
    }
    try {
      return { app: await compose(fn), close }
    } catch (error) {
      await close()
      throw error
    }
  }
  // Only when the whole module has been evaluated, since `compose` may use what stands below it.
  if (module.main) queueMicrotask(() => serve(start))
  return start
}
