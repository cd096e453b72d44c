import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'

/** The keys of all objects of a bucket, read without a proxy. */
export async function listObjectKeys(options: {
  endpoint: string
  region: string
  bucket: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}): Promise<string[]> {
  const { bucket, ...client } = options
  const s3 = new S3Client({ ...client, forcePathStyle: true })
  try {
    const keys: string[] = []
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''))
    }
    return keys
  } finally {
    s3.destroy()
  }
}
