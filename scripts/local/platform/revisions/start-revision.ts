import { join } from 'node:path'
import type { Environment } from '../../../../functions/_lib/process/config.ts'
import type { DeployedService } from '../../../manifests/read/read-service.ts'
import { startFunctionProcess } from './function-process.ts'
import { startHostedRevision } from './hosted-revision.ts'
import type { Revision } from './revision.ts'
import { startScaledRevision } from './scaled-revision.ts'

export type StartRevision = (service: DeployedService, environment: Environment) => Promise<Revision>

export type ProcessesOptions = {
  dataDirectory: string
  idleMs?: number | undefined
  /** Added to the environment of every function: `NODE_OPTIONS` and the like. */
  processEnvironment?: Readonly<Record<string, string>> | undefined
  writeLog: (line: string) => void
  log: (message: string, fields: object) => void
}

/** All functions in this process. */
export const inThisProcess: StartRevision = ({ name }, environment) => startHostedRevision(name, environment)

/** Bundles every function, and gives what runs one as processes that are started on demand. */
export async function asProcesses(options: ProcessesOptions): Promise<StartRevision> {
  const { bundleFunctions } = await import('../../../bundle/bundle-functions.ts')
  const outDirectory = join(options.dataDirectory, 'bundles')
  await bundleFunctions({ outDirectory })
  return (service, environment) =>
    startScaledRevision({
      service,
      idleMs: options.idleMs ?? 30_000,
      log: options.log,
      startProcess: () =>
        startFunctionProcess({
          bundlePath: join(outDirectory, service.name, 'main.js'),
          cpuMillis: service.cpuMillis,
          environment: {
            ...environment,
            NODE_COMPILE_CACHE: join(options.dataDirectory, 'compile-cache'),
            ...options.processEnvironment,
          },
          writeLog: options.writeLog,
        }),
    })
}
