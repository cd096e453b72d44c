import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiDocument, Operation } from '../document.ts'
import { assertSound } from '../soundness.ts'
import { type Descriptions, loadDescriptions } from './load-descriptions.ts'
import { describeOperation, templatePath } from './operation.ts'
import { createSchemaBook } from './schema-book.ts'
import { headers, introduction, parameters, problemSchema, securitySchemes } from './shared-components.ts'

/** The document of the functions in a repository, checked. Throws with every problem that it finds. */
export async function buildDocument(repository: string): Promise<ApiDocument> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string }
  const document = await assembleDocument(await loadDescriptions(repository), version)
  assertSound(document)
  return document
}

/** As it is committed and served. */
export const serialize = (document: ApiDocument): string => `${JSON.stringify(document, null, 2)}\n`

export async function assembleDocument({ domains, routes }: Descriptions, version: string): Promise<ApiDocument> {
  const book = createSchemaBook()
  const tagOf = (domain: string) => domains.get(domain)?.name ?? domain
  const operations: { path: string; method: string; operation: Operation }[] = []
  for (const described of routes) {
    operations.push({
      path: templatePath(described.route.path),
      method: described.route.method.toLowerCase(),
      operation: await describeOperation(described, tagOf(described.domain), book),
    })
  }
  return {
    openapi: '3.1.1',
    'x-generated-by': '"npm run openapi", from openapi.ts and the schemas of each function; do not edit',
    info: {
      title: 'Growbin API',
      version,
      summary: 'From a photo to the right bin.',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The host that serves this document.' }],
    tags: [...domains.values()].map(({ name, description }) => ({ name, description })).sort(by(({ name }) => name)),
    paths: Object.fromEntries(
      Object.entries(Object.groupBy(operations, ({ path }) => path))
        .sort(by(([path]) => path))
        .map(([path, same = []]) => [
          path,
          Object.fromEntries(same.sort(by(({ method }) => method)).map(({ method, operation }) => [method, operation])),
        ]),
    ),
    components: {
      schemas: Object.fromEntries(
        Object.entries({ ...book.components(), Problem: problemSchema }).sort(by(([name]) => name)),
      ),
      parameters,
      headers,
      securitySchemes,
    },
  }
}

/** By code unit, which no locale of a machine changes. */
function by<Item>(keyOf: (item: Item) => string): (one: Item, other: Item) => number {
  return (one, other) => (keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : 0)
}
