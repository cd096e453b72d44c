import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cataloguePath, compareCatalogue, writeCatalogue } from './manifests/catalogue/event-catalogue.ts'
import { withLostEvents } from './manifests/catalogue/lost-event-table.ts'
import { lostEvents } from './manifests/catalogue/lost-events.ts'
import { loadEvents } from './manifests/event-uses.ts'
import { compareManifests } from './manifests/files/compare.ts'
import { writeManifests } from './manifests/files/write.ts'
import { loadClusters, withFit } from './manifests/fit/clusters.ts'
import { loadSpecs } from './manifests/load-specs.ts'
import { matrixPath, withMatrix } from './manifests/policies/matrix.ts'
import { renderManifests } from './manifests/render/render.ts'
import { assertValidSpecs } from './manifests/validate-specs.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

const specs = await loadSpecs(repository)
assertValidSpecs(specs)
const events = await loadEvents(repository, specs)
const rendered = renderManifests(specs, events)

if (values.check) {
  const differences = await compareManifests(repository, rendered)
  for (const { path, state, diff } of differences) console.error(`${path} is ${state}\n${diff}`)
  const catalogue = await compareCatalogue(repository, events)
  if (catalogue) console.error(catalogue)
  if (differences.length > 0 || catalogue) {
    console.error('Run "npm run manifests" and commit the result.')
    process.exitCode = 1
  }
} else {
  const { written, removed } = await writeManifests(repository, rendered)
  if (await writeCatalogue(repository, events)) written.push(cataloguePath)
  if (await writeTable(cataloguePath, (document) => withLostEvents(document, lostEvents))) written.push(cataloguePath)
  const clusters = await loadClusters(repository)
  const all = specs.map(({ spec }) => spec)
  if (await writeTable(matrixPath, (document) => withFit(withMatrix(document, all), clusters))) written.push(matrixPath)
  for (const path of written) console.log(`wrote   ${path}`)
  for (const path of removed) console.log(`removed ${path}`)
  console.log(
    `${specs.length} functions, ${events.length} events, ${rendered.size} manifests, ${written.length + removed.length} changed`,
  )
}

/** False when the table in the document was the same before. */
async function writeTable(path: string, withTable: (document: string) => string): Promise<boolean> {
  const actual = await readFile(`${repository}${path}`, 'utf8')
  const expected = withTable(actual)
  if (actual !== expected) await writeFile(`${repository}${path}`, expected)
  return actual !== expected
}
