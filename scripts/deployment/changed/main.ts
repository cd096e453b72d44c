import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { loadSpecs } from '../../manifests/load-specs.ts'
import { findChangedFunctions, readFunctionInputs } from './changed-functions.ts'

// Prints, as JSON, the images to build after the commits since the one named: node scripts/deployment/changed/main.ts COMMIT
const since = process.argv[2]
if (!since || !/^[\w./~^-]+$/.test(since) || since.startsWith('-')) throw new Error('expected a commit')
const { stdout } = await promisify(execFile)('git', ['diff', '--name-only', '-z', since, 'HEAD'], {
  cwd: repositoryRoot,
  timeout: 60_000,
})
const specs = await loadSpecs(repositoryRoot)
const sources = Object.fromEntries(specs.map(({ spec, source }) => [spec.name, source]))
const changed = stdout.split('\0').filter(Boolean)
console.log(JSON.stringify(findChangedFunctions(changed, await readFunctionInputs(repositoryRoot, sources))))
