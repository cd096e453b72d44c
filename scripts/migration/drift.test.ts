import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compareSchemas, findSchemaDrift } from './drift.ts'

const table = (name: string, columns: string[]) => ({
  [`waste.${name}`]: { name, columns: Object.fromEntries(columns.map((column) => [column, { name: column }])) },
})
const schema = (...tables: ReturnType<typeof table>[]) =>
  // Only what is compared: a snapshot of drizzle-kit has much more.
  ({ tables: Object.assign({}, ...tables) }) as Parameters<typeof compareSchemas>[0]

it('names each table that is described differently, is described by nobody, or is made by no migration', () => {
  expect(
    compareSchemas(
      schema(table('jobs', ['job_id', 'state']), table('results', ['job_id']), table('new', ['id'])),
      schema(table('jobs', ['job_id']), table('results', ['job_id']), table('gone', ['id'])),
    ),
  ).toEqual(['waste.gone', 'waste.jobs', 'waste.new'])
})

it('finds none between the schemas of this repository and their migrations', async () => {
  expect(await findSchemaDrift(join(import.meta.dirname, '../..'))).toEqual([])
}, 30_000)
