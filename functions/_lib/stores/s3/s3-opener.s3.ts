import type { S3Client } from '@aws-sdk/client-s3'

export type ObjectStoreOptions = {
  bucket: string
  region: string
  /** Address of another store than AWS. Its buckets are in the path, since it has no wildcard DNS. */
  endpoint?: string
  /** Only for another store than AWS, where the SDK uses the role of the node. */
  credentials?: { accessKeyId: string; secretAccessKey: string }
  /** Deadline of one operation in milliseconds, retries and the body included. */
  requestTimeoutMs?: number
}

export type OpenedS3 = { sdk: typeof import('@aws-sdk/client-s3'); client: S3Client }

const maxAttempts = 3

/**
 * Opens the S3 client at the first call of `opened`, since loading the SDK takes about as long as the start of an empty process. `close`
 * without a call of `opened` loads nothing.
 */
export function createS3Opener(options: ObjectStoreOptions): {
  opened: () => Promise<OpenedS3>
  close: () => Promise<void>
} {
  let opening: Promise<OpenedS3> | undefined

  const open = async (): Promise<OpenedS3> => {
    const sdk = await import('@aws-sdk/client-s3')
    const client = new sdk.S3Client({
      region: options.region,
      maxAttempts,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
      ...(options.credentials && { credentials: options.credentials }),
    })
    return { sdk, client }
  }

  return {
    opened: () => {
      opening ??= open()
      return opening
    },
    close: async () => {
      const open = await opening
      open?.client.destroy()
    },
  }
}
