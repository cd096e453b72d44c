import type { S3Client } from '@aws-sdk/client-s3'
import { UnavailableError } from './errors.ts'

export type Upload = {
  key: string
  contentType: string
  contentLengthBytes: number
  /** SHA-256 of the bytes in hex; the store then refuses other bytes. */
  sha256?: string
  expiresSeconds: number
}

/** S3. Throws `UnavailableError` when it does not answer in time; a missing object is undefined. */
export type ObjectStore = {
  /** A URL for one PUT of exactly this length and type, and the headers that the client must send. No network call. */
  signUpload: (upload: Upload) => Promise<{ url: string; headers: Record<string, string> }>
  /** The first bytes of an object and what is known of the whole, in one request. */
  readStart: (
    key: string,
    bytes: number,
  ) => Promise<{ sizeBytes: number; contentType: string | undefined; start: Uint8Array } | undefined>
  /** A whole object. Throws `ObjectTooLargeError` beyond `sizeBytesMax`, before reading it. */
  read: (key: string, sizeBytesMax: number) => Promise<Uint8Array | undefined>
  exists: (key: string) => Promise<boolean>
  write: (key: string, body: Uint8Array, contentType: string) => Promise<void>
  remove: (key: string) => Promise<void>
  close: () => Promise<void>
}

export class ObjectTooLargeError extends Error {
  override name = 'ObjectTooLargeError'
}

export type ObjectStoreOptions = {
  bucket: string
  region: string
  /** Another store than AWS. Addressed by path, since it has no wildcard DNS. */
  endpoint?: string
  /** Only for another store than AWS; on AWS the SDK finds the role of the node. */
  credentials?: { accessKeyId: string; secretAccessKey: string }
}

const requestTimeoutMs = 5_000
const triesMax = 3

/** Loads the SDK at the first use: it costs more than the start of an empty process. */
export function openObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { bucket: Bucket } = options
  let opening: Promise<{ sdk: typeof import('@aws-sdk/client-s3'); client: S3Client }> | undefined

  const open = async () => {
    const sdk = await import('@aws-sdk/client-s3')
    const client = new sdk.S3Client({
      region: options.region,
      maxAttempts: triesMax,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
      ...(options.credentials && { credentials: options.credentials }),
    })
    return { sdk, client }
  }
  const opened = () => (opening ??= open())
  const deadline = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) })

  return {
    signUpload: async (upload) => {
      const [{ sdk, client }, { getSignedUrl }] = await Promise.all([opened(), import('@aws-sdk/s3-request-presigner')])
      const checksum = upload.sha256 && Buffer.from(upload.sha256, 'hex').toString('base64')
      const command = new sdk.PutObjectCommand({
        Bucket,
        Key: upload.key,
        ContentType: upload.contentType,
        ContentLength: upload.contentLengthBytes,
        ...(checksum && { ChecksumSHA256: checksum }),
      })
      // A presigned PUT has no conditions, so length, type and checksum are signed as headers: what differs is refused.
      const url = await getSignedUrl(client, command, {
        expiresIn: upload.expiresSeconds,
        signableHeaders: new Set(['content-type']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      })
      return {
        url,
        headers: {
          'content-type': upload.contentType,
          'content-length': String(upload.contentLengthBytes),
          ...(checksum && { 'x-amz-checksum-sha256': checksum }),
        },
      }
    },
    readStart: async (Key, bytes) => {
      const { sdk, client } = await opened()
      try {
        const object = await client.send(
          new sdk.GetObjectCommand({ Bucket, Key, Range: `bytes=0-${bytes - 1}` }),
          deadline(),
        )
        return {
          sizeBytes: Number(object.ContentRange?.split('/').at(-1) ?? object.ContentLength ?? 0),
          contentType: object.ContentType,
          start: (await object.Body?.transformToByteArray()) ?? new Uint8Array(),
        }
      } catch (error) {
        if (error instanceof sdk.S3ServiceException && error.name === 'InvalidRange') {
          return { sizeBytes: 0, contentType: undefined, start: new Uint8Array() }
        }
        return missingOrThrow(sdk, error)
      }
    },
    read: async (Key, sizeBytesMax) => {
      const { sdk, client } = await opened()
      try {
        const object = await client.send(new sdk.GetObjectCommand({ Bucket, Key }), deadline())
        if ((object.ContentLength ?? 0) > sizeBytesMax) {
          ;(object.Body as { destroy?: () => void } | undefined)?.destroy?.()
          throw new ObjectTooLargeError(`An object has ${object.ContentLength} bytes, at most ${sizeBytesMax} are read`)
        }
        return await object.Body?.transformToByteArray()
      } catch (error) {
        if (error instanceof ObjectTooLargeError) throw error
        return missingOrThrow(sdk, error)
      }
    },
    exists: async (Key) => {
      const { sdk, client } = await opened()
      try {
        await client.send(new sdk.HeadObjectCommand({ Bucket, Key }), deadline())
        return true
      } catch (error) {
        missingOrThrow(sdk, error)
        return false
      }
    },
    write: async (Key, Body, ContentType) => {
      const { sdk, client } = await opened()
      await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ContentType }), deadline()).catch(unavailable)
    },
    remove: async (Key) => {
      const { sdk, client } = await opened()
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }), deadline()).catch(unavailable)
    },
    close: async () => {
      const open = await opening
      open?.client.destroy()
    },
  }
}

function missingOrThrow(sdk: typeof import('@aws-sdk/client-s3'), error: unknown): undefined {
  if (error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined
  return unavailable(error)
}

function unavailable(error: unknown): never {
  throw new UnavailableError('objects', 'The object store did not answer as it should', { cause: error })
}
