import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compareDocument, writeDocument } from './openapi/compare-document.ts'
import { documentPath } from './openapi/document-path.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

try {
  if (values.check) {
    const difference = await compareDocument(repository)
    if (difference) console.error(difference)
    process.exitCode = difference ? 1 : 0
  } else {
    const written = await writeDocument(repository)
    console.log(`${written ? 'wrote    ' : 'unchanged'} ${documentPath}`)
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
