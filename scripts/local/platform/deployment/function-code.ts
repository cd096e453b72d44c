import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FunctionSpec } from '../../../../functions/_lib/process/function-spec.ts'
import type { StartFunction } from '../../../../functions/_lib/process/serve.ts'
import { repositoryRoot } from '../../../lib/repository-root.ts'

/** The code of a Service is found by its name, `<domain>-<operation>`: in `functions/<domain>/<operation>`. */
async function importFile(serviceName: string, file: string): Promise<object> {
  const path = join(repositoryRoot, 'functions', serviceName.replace('-', '/'), file)
  return import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new Error(`The Service "${serviceName}" has no code: "${path}" cannot be loaded`, { cause })
  })
}

/** Loads the `main.ts` of a function. */
export async function loadFunction(serviceName: string): Promise<StartFunction> {
  const { start } = (await importFile(serviceName, 'main.ts')) as { start: StartFunction }
  return start
}

/** Every variable that a function reads, those too that have a default and that no manifest names. */
export async function readVariableNames(serviceName: string): Promise<string[]> {
  const { default: spec } = (await importFile(serviceName, 'function.ts')) as { default: FunctionSpec }
  return Object.keys(spec.variables)
}
