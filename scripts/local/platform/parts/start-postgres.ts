import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../servers/embedded-postgres.ts'
import { openPostgresLog } from './postgres-log.ts'

export type StartPostgresOptions = {
  dataDirectory: string
  reportFailure: (severity: string, text: string) => void
  /** Aborted to give up the start. */
  signal?: AbortSignal
}

/** The embedded PostgreSQL of this run, with its own log in `postgresql.log` beside its files. */
export async function startPostgres(options: StartPostgresOptions): Promise<Pick<EmbeddedPostgres, 'url' | 'close'>> {
  await mkdir(options.dataDirectory, { recursive: true })
  const log = openPostgresLog(join(options.dataDirectory, 'postgresql.log'), options.reportFailure)
  try {
    const postgres = await startEmbeddedPostgres({
      directory: join(options.dataDirectory, 'postgresql'),
      port: 0,
      log: log.write,
      ...(options.signal && { signal: options.signal }),
    })
    log.setSettled(true)
    return {
      url: postgres.url,
      close: async () => {
        log.setSettled(false)
        await postgres.close()
        await log.close()
      },
    }
  } catch (error) {
    await log.close()
    throw error
  }
}
