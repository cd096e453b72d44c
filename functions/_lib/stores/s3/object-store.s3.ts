import type { Readable } from 'node:stream'
import { UnavailableError } from '../../http/errors.ts'
import { createS3Opener, type ObjectStoreOptions } from './s3-opener.s3.ts'

/** The object store. Throws `UnavailableError` when S3 does not answer in time; a missing object is undefined. */
export type ObjectStore = {
  /** Reads the first bytes of an object, and its size and type, in one request. */
  readStart: (
    key: string,
    bytes: number,
  ) => Promise<{ sizeBytes: number; contentType: string | undefined; start: Uint8Array } | undefined>
  /** Reads a whole object. Throws `ObjectTooLargeError` beyond `sizeBytesMax`, without reading further. */
  read: (key: string, sizeBytesMax: number) => Promise<Uint8Array | undefined>
  exists: (key: string) => Promise<boolean>
  write: (key: string, body: Uint8Array, contentType: string) => Promise<void>
  remove: (key: string) => Promise<void>
  close: () => Promise<void>
}

export class ObjectTooLargeError extends Error {
  override name = 'ObjectTooLargeError'
}

const requestTimeoutMsDefault = 5_000

/**
 * Opens a bucket. The SDK is loaded at the first use, since that takes about as long as the start of an empty process. Each request has a
 * deadline, 5 s by default.
 */
export function openObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { bucket: Bucket } = options
  const { opened, close } = createS3Opener(options)
  const requestTimeoutMs = options.requestTimeoutMs ?? requestTimeoutMsDefault
  const deadline = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) })

  return {
    readStart: async (Key, bytes) => {
      const { sdk, client } = await opened()
      try {
        const { abortSignal } = deadline()
        const object = await client.send(new sdk.GetObjectCommand({ Bucket, Key, Range: `bytes=0-${bytes - 1}` }), {
          abortSignal,
        })
        return {
          sizeBytes: Number(object.ContentRange?.split('/').at(-1) ?? object.ContentLength ?? 0),
          contentType: object.ContentType,
          start: await readBytes(object.Body as Readable | undefined, bytes, abortSignal),
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
        const { abortSignal } = deadline()
        const object = await client.send(new sdk.GetObjectCommand({ Bucket, Key }), { abortSignal })
        return await readBytes(object.Body as Readable | undefined, sizeBytesMax, abortSignal, object.ContentLength)
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
    close,
  }
}

/** Reads a body within the deadline: the SDK stops observing the signal after the headers. In Node.js a body is a `Readable`. */
async function readBytes(
  body: Readable | undefined,
  bytesMax: number,
  signal: AbortSignal,
  announcedBytes = 0,
): Promise<Uint8Array> {
  if (!body) return new Uint8Array()
  const abort = () => body.destroy(new Error('The body did not arrive in time'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    // Most bodies have a known size and are read into one array: chunks and their concatenation would take twice the memory.
    let read = new Uint8Array(Math.min(announcedBytes, bytesMax))
    let bytes = 0
    if (announcedBytes <= bytesMax) {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (bytes + chunk.byteLength > bytesMax) throw tooLarge(bytes + chunk.byteLength, bytesMax)
        if (bytes + chunk.byteLength > read.byteLength) read = grown(read, bytes + chunk.byteLength)
        read.set(chunk, bytes)
        bytes += chunk.byteLength
      }
      return read.subarray(0, bytes)
    }
    throw tooLarge(announcedBytes, bytesMax)
  } finally {
    signal.removeEventListener('abort', abort)
    body.destroy()
  }
}

const tooLarge = (bytes: number, bytesMax: number) =>
  new ObjectTooLargeError(`An object has ${bytes} bytes or more, at most ${bytesMax} are read`)

/** At least doubles the array, so that a body in many chunks is not copied for each. */
function grown(read: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes, 2 * read.byteLength))
  larger.set(read)
  return larger
}

function missingOrThrow(sdk: typeof import('@aws-sdk/client-s3'), error: unknown): undefined {
  const isMissing = error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 404
  // A missing bucket is a fault of the deployment, and must not be reported as a missing photo.
  if (isMissing && error.name !== 'NoSuchBucket') return undefined
  return unavailable(error)
}

function unavailable(error: unknown): never {
  throw new UnavailableError('objects', 'The object store did not answer as it should', { cause: error })
}
