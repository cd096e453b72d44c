import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createFunction } from './new-function/create-function.ts'
import { parseRequest } from './new-function/parse-request.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))

try {
  const spec = parseRequest(process.argv.slice(2))
  for (const path of await createFunction(repository, spec)) console.log(`wrote   ${path}`)
  // A process of its own, which sees the new function.
  const statuses = ['scripts/manifests.ts', 'scripts/openapi.ts'].map(
    (script) => spawnSync(process.execPath, [script], { cwd: repository, stdio: 'inherit' }).status ?? 1,
  )
  process.exitCode = Math.max(...statuses)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
