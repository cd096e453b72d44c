import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBoundaryProblems } from './check/boundaries.ts'
import { findStatedVersions } from './check/charts/component-versions.ts'
import { findSecretProblems } from './check/charts/secret-references.ts'
import { findWorkflowProblems } from './check/charts/workflows.ts'
import { findDocumentProblems } from './check/documents.ts'
import { findForbiddenStrings } from './check/forbidden-strings.ts'
import {
  findEnvironmentReads,
  findIncompleteFolders,
  findOpenFunctions,
  findUndeclaredEvents,
  findUntestedFunctions,
} from './check/function-folders.ts'
import { findUndocumentedFunctions } from './check/lib/docstrings.ts'
import { domainsOf, findDomainWords } from './check/lib/domain-words.ts'
import { findKustomizationProblems } from './check/manifests/kustomization-rules.ts'
import { lintManifests } from './check/manifests/lint.ts'
import { readDocuments } from './check/manifests/read-documents.ts'
import { listRepositoryFiles } from './check/repository-files.ts'
import { runCommand } from './check/run-command.ts'
import { runSteps } from './check/run-steps.ts'
import { findLargeFolders, findLongFile } from './check/sizes.ts'
import postgresql from './config/postgresql.json' with { type: 'json' }
import { findOperatorProblems } from './deployment/operators.ts'
import { catalogue } from './deployment/secrets/catalogue.ts'
import { cataloguePath, compareCatalogue } from './manifests/catalogue/event-catalogue.ts'
import { findLostEventProblems, withLostEvents } from './manifests/catalogue/lost-event-table.ts'
import { lostEvents } from './manifests/catalogue/lost-events.ts'
import { findConnectionProblems } from './manifests/connection-problems.ts'
import { findContractProblems } from './manifests/contract-problems.ts'
import { loadEvents } from './manifests/event-uses.ts'
import { compareManifests } from './manifests/files/compare.ts'
import { findRouteOverlaps } from './manifests/find-route-overlaps.ts'
import { findClusterProblems, loadClusters, withFit } from './manifests/fit/clusters.ts'
import { loadSpecs } from './manifests/load-specs.ts'
import { findUnknownVariables } from './manifests/policies/destinations.ts'
import { matrixPath, withMatrix } from './manifests/policies/matrix.ts'
import { renderManifests } from './manifests/render/render.ts'
import { findSpecProblems } from './manifests/validate-specs.ts'
import { findSchemaDrift } from './migration/drift.ts'
import { findBreakingMigrations } from './migration/skew/check-migrations.ts'
import { compareDocument } from './openapi/compare-document.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFile(join(repository, path), 'utf8')

async function findFunctionProblems(): Promise<string[]> {
  const [incomplete, reads, specs] = await Promise.all([
    findIncompleteFolders(repository),
    findEnvironmentReads(repository),
    loadSpecs(repository),
  ])
  return [
    ...incomplete,
    ...reads,
    ...findSpecProblems(specs),
    ...findRouteOverlaps(specs),
    ...(await findOpenFunctions(repository, specs)),
    ...(await findUntestedFunctions(repository, specs)),
    ...(await findUndeclaredEvents(repository)),
    ...findContractProblems(await loadEvents(repository, specs)),
    ...findUnknownVariables(specs.map(({ spec }) => spec)),
    ...findConnectionProblems(
      specs.map(({ spec }) => spec),
      postgresql,
    ),
  ]
}

async function findGeneratedProblems(): Promise<string[]> {
  const specs = await loadSpecs(repository)
  const events = await loadEvents(repository, specs)
  const differences = await compareManifests(repository, renderManifests(specs, events))
  const catalogueDifference = await compareCatalogue(repository, events)
  const document = await read(cataloguePath)
  const lostProblems = await findLostEventProblems(repository, events, specs, lostEvents)
  const lostDiffers = withLostEvents(document, lostEvents) !== document
  const clusters = await loadClusters(repository)
  const tables = await read(matrixPath)
  const all = specs.map(({ spec }) => spec)
  const tablesDiffer = withFit(withMatrix(tables, all), clusters) !== tables
  const apiDifference = await compareDocument(repository)
  return [
    ...differences.map(({ path, state, diff }) => `${path} is ${state}; run "npm run manifests"\n${diff}`),
    ...(catalogueDifference ? [catalogueDifference] : []),
    ...lostProblems,
    ...findClusterProblems(clusters),
    ...(lostDiffers ? [`The lost events in ${cataloguePath} are different; run "npm run manifests"`] : []),
    ...(tablesDiffer ? [`A generated table of ${matrixPath} is different; run "npm run manifests"`] : []),
    ...(apiDifference ? [apiDifference] : []),
  ]
}

async function findManifestProblems(): Promise<string[]> {
  const [problems, kustomizations] = await Promise.all([
    readDocuments(repository).then((documents) => lintManifests(documents)),
    findKustomizationProblems(repository),
  ])
  return [...problems, ...kustomizations]
}

async function findReferenceProblems(): Promise<string[]> {
  const paths = (await listRepositoryFiles(repository)).filter((path) => path.endsWith('.md'))
  return findDocumentProblems(
    repository,
    await Promise.all(paths.map(async (path) => ({ path, text: await read(path) }))),
  )
}

async function findStringProblems(): Promise<string[]> {
  const paths = (await listRepositoryFiles(repository)).filter((path) => path !== 'package-lock.json')
  const problems = await Promise.all(
    // A file that is deleted and not yet committed is still listed.
    paths.map(async (path) => findForbiddenStrings(repository, path, await read(path).catch(() => ''))),
  )
  return problems.flat()
}

const findUnmadeSecrets = async (): Promise<string[]> =>
  findSecretProblems(repository, await readDocuments(repository), catalogue)

async function findVersionProblems(): Promise<string[]> {
  const paths = await listRepositoryFiles(repository)
  const problems = await Promise.all(
    paths.map(async (path) => findStatedVersions(path, await read(path).catch(() => ''))),
  )
  return problems.flat()
}

async function findLibProblems(): Promise<string[]> {
  const paths = await listRepositoryFiles(repository)
  const domains = domainsOf(paths)
  const shared = paths.filter((path) => /^functions\/_(lib|contracts)\/.*[.]ts$/.test(path))
  const problems = await Promise.all(
    shared.map(async (path) => {
      const text = await read(path).catch(() => '')
      return [...findUndocumentedFunctions(path, text), ...findDomainWords(path, text, domains)]
    }),
  )
  return problems.flat()
}

async function findSizeProblems(): Promise<string[]> {
  const listed = await listRepositoryFiles(repository)
  const files = await Promise.all(listed.map(async (path) => ({ path, text: await read(path).catch(() => undefined) })))
  const present = files.flatMap(({ path, text }) => (text === undefined ? [] : { path, text }))
  return [
    ...findLargeFolders(present.map(({ path }) => path)),
    ...present.flatMap(({ path, text }) => findLongFile(path, text)),
  ]
}

const isClean = await runSteps(
  [
    { name: 'types', run: () => runCommand(repository, 'tsc', '--noEmit', '--pretty', 'false') },
    {
      name: 'format and lint',
      run: () => runCommand(repository, 'biome', 'ci', '--colors=off', '--max-diagnostics=200', '.'),
    },
    { name: 'import boundaries', run: () => findBoundaryProblems(repository) },
    { name: 'functions', run: findFunctionProblems },
    { name: 'generated files', run: findGeneratedProblems },
    {
      name: 'migrations',
      run: async () => [...(await findSchemaDrift(repository)), ...(await findBreakingMigrations(repository))],
    },
    { name: 'manifests', run: findManifestProblems },
    { name: 'references in documents', run: findReferenceProblems },
    { name: 'docstrings and words of _lib', run: findLibProblems },
    { name: 'sizes of folders and files', run: findSizeProblems },
    { name: 'workflows', run: () => findWorkflowProblems(repository) },
    { name: 'operators', run: () => findOperatorProblems(repository) },
    { name: 'Secrets and ConfigMaps', run: findUnmadeSecrets },
    { name: 'versions of components', run: findVersionProblems },
    { name: 'forbidden strings', run: findStringProblems },
  ],
  console.log,
  () => performance.now(),
)
process.exitCode = isClean ? 0 : 1
