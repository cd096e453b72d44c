import { join } from 'node:path'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type Platform, type PlatformOptions, startPlatform } from '../local/platform/platform.ts'
import type { GrowbinClient } from './analyses/analyse-photo.ts'

/** Starts a platform without rate limits, in a folder of `directory`, and logs in so many people. The caller closes the platform. */
export async function startBenchPlatform(
  options: Pick<PlatformOptions, 'processes' | 'real' | 'idleMs' | 'modelLatencyMs' | 'report'> & {
    directory: string
    people: number
  },
): Promise<{ platform: Platform; dataDirectory: string; clients: GrowbinClient[] }> {
  const { directory, people, ...chosen } = options
  const dataDirectory = join(directory, 'platform')
  const platform = await startPlatform({
    ...chosen,
    dataDirectory,
    port: 0,
    overrides: {
      LOG_LEVEL: 'error',
      REQUESTS_PER_MINUTE_MAX: '100000',
      MODEL_CALLS_PER_MINUTE_MAX: '100000',
      MODEL_CALLS_PER_DAY_MAX: '1000000',
    },
    writeLog: () => undefined,
  })
  try {
    const clients = await Promise.all(
      Array.from({ length: people }, async (_, index) => {
        const client = createGrowbinClient({ baseUrl: platform.url })
        await client.login('kakao', `bench-${index}`)
        return client
      }),
    )
    return { platform, dataDirectory, clients }
  } catch (error) {
    await platform.close()
    throw error
  }
}
