import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { S3Error } from '../http/s3-error.ts'
import { type Bucket, openBucket } from './bucket.ts'

export type Storage = Awaited<ReturnType<typeof openStorage>>
export type StorageOptions = { directory: string; newId: () => string }

const bucketName = /^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** Opens the buckets in `directory` and removes unfinished uploads of an earlier run. */
export async function openStorage({ directory, newId }: StorageOptions) {
  const bucketsDirectory = join(directory, 'buckets')
  const unfinishedDirectory = join(directory, 'unfinished')
  await rm(unfinishedDirectory, { recursive: true, force: true })
  await mkdir(unfinishedDirectory, { recursive: true })
  await mkdir(bucketsDirectory, { recursive: true })
  const open = (name: string) =>
    openBucket({ name, directory: join(bucketsDirectory, name), unfinishedDirectory, newId })
  const buckets = new Map<string, Bucket>()
  for (const name of await readdir(bucketsDirectory)) buckets.set(name, await open(name))

  return {
    getBucket: (name: string): Bucket => {
      const bucket = buckets.get(name)
      if (!bucket)
        throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { fields: { BucketName: name } })
      return bucket
    },

    /** Creates a bucket; resolves to false when it already exists. */
    createBucket: async (name: string): Promise<boolean> => {
      if (!bucketName.test(name))
        throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { fields: { BucketName: name } })
      if (buckets.has(name)) return false
      const bucket = await open(name)
      if (buckets.has(name)) return false
      buckets.set(name, bucket)
      return true
    },

    listBuckets: (): Promise<{ name: string; createdAt: Date }[]> =>
      Promise.all(
        [...buckets.keys()]
          .sort()
          .map(async (name) => ({ name, createdAt: (await stat(join(bucketsDirectory, name))).birthtime })),
      ),
  }
}
