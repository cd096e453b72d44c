import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

export type TestPostgres = {
  /** Address of an empty database, as superuser. */
  url: string
  /** Creates a template database: `prepare` gets its URL, and must have closed its connections when it resolves. */
  createTemplate: (name: string, prepare: (url: string) => Promise<void>) => Promise<void>
  /** Returns a copy of a template for one test file. */
  createTestDatabase: (name: string, template: string) => Promise<{ url: string; drop: () => Promise<void> }>
  /** Stops the server and removes its files. */
  close: () => Promise<void>
}

/** Starts one PostgreSQL for a whole test run, for the global set-up of vitest; it forces nothing to disk. */
export async function acquireTestPostgres(log: (line: string) => void = () => undefined): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'growbin-postgres-'))
  const removeFiles = () => rm(directory, { recursive: true, force: true })
  const server = await startEmbeddedPostgres({ directory, port: 0, log, settings: { durability: 'disposable' } }).catch(
    async (cause: unknown) => {
      await removeFiles()
      throw cause
    },
  )
  return {
    url: server.url,
    async createTemplate(name, prepare) {
      await server.dropDatabase(name)
      await prepare(await server.createDatabase(name))
    },
    async createTestDatabase(name, template) {
      await server.dropDatabase(name)
      const url = await server.createDatabase(name, template)
      return { url, drop: () => server.dropDatabase(name) }
    },
    async close() {
      await server.close()
      await removeFiles()
    },
  }
}
