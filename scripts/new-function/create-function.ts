import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { domainOf, type FunctionSpec } from '../../functions/_lib/process/function-spec.ts'
import { runCommand } from '../check/run-command.ts'
import { loadSpecs } from '../manifests/load-specs.ts'
import { isCron, isHttp, isQueue } from '../manifests/trigger-kind.ts'
import { findSpecProblems } from '../manifests/validate-specs.ts'
import { cronFiles } from './templates/cron.ts'
import { httpFiles } from './templates/http.ts'
import { domainFiles, openapiFiles } from './templates/openapi.ts'
import { queueFiles } from './templates/queue.ts'
import type { Files } from './templates/shared.ts'

/**
 * Writes the folder of a new function. Resolves to the files. Nothing is written when the name is bad, a file exists,
 * or a route, queue or schedule is taken.
 */
export async function createFunction(repository: string, spec: FunctionSpec): Promise<string[]> {
  const files = filesOf(spec)
  const source = Object.keys(files).find((path) => path.endsWith('/function.ts')) ?? ''
  const folder = dirname(source)
  const taken = [...(existsSync(join(repository, folder)) ? [folder] : []), ...Object.keys(files)].filter((path) =>
    existsSync(join(repository, path)),
  )
  const [existing] = taken
  if (existing) throw new Error(`"${spec.name}" cannot be made: "${existing}" exists already`)
  const problems = [
    ...findSpecProblems([...(await loadSpecs(repository)), { spec, source }]).filter((problem) =>
      problem.includes(source),
    ),
  ]
  if (problems.length > 0) throw new Error(`"${spec.name}" cannot be made:\n  ${problems.join('\n  ')}`)

  // The first route of a domain brings the description of the domain along.
  const [[path = '', text = ''] = []] = isHttp(spec) ? Object.entries(domainFiles(domainOf(spec))) : []
  if (path !== '' && !existsSync(join(repository, path))) files[path] = text

  const paths = Object.keys(files).sort()
  for (const path of paths) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), files[path] ?? '', { flag: 'wx' })
  }
  // Names differ in length, and with them where a line has to be broken.
  const unformatted = await runCommand(repository, 'biome', 'check', '--write', '--colors=off', ...paths)
  if (unformatted.length > 0)
    throw new Error(`The template of "${spec.name}" does not pass biome: ${unformatted.join('\n')}`)
  return paths
}

function filesOf(spec: FunctionSpec): Files {
  if (isQueue(spec)) return queueFiles(spec)
  if (isCron(spec)) return cronFiles(spec)
  if (isHttp(spec)) return { ...httpFiles(spec), ...openapiFiles(spec) }
  throw new Error(`"${spec.name}" has no known trigger`)
}
