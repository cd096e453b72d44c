import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type S3StoreOptions, startS3Store } from './start-s3-store.ts'

export const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret/with+signs' }
export const region = 'ap-northeast-2'

/** Opens stores and clients for one test, and closes them after it. */
export async function createTestStores() {
  const directory = await mkdtemp(join(tmpdir(), 's3-store-'))
  const closers: (() => unknown)[] = []
  return {
    directory,
    start: async (options: Partial<S3StoreOptions> = {}) => {
      const failures: unknown[] = []
      const store = await startS3Store({
        directory,
        region,
        credentials,
        buckets: ['photos'],
        onInternalError: (error) => failures.push(error),
        ...options,
      })
      closers.push(store.close)
      return { ...store, failures }
    },
    connect: (url: string, config: S3ClientConfig = {}) => {
      const client = new S3Client({
        endpoint: url,
        forcePathStyle: true,
        region,
        credentials,
        maxAttempts: 1,
        ...config,
      })
      closers.push(() => client.destroy())
      return client
    },
    close: async () => {
      for (const close of closers.reverse()) await close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
