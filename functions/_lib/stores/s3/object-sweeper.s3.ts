import type { ObjectIdentifier } from '@aws-sdk/client-s3'
import { UnavailableError } from '../../http/errors.ts'
import { createS3Opener, type ObjectStoreOptions, type OpenedS3 } from './s3-opener.s3.ts'

export type ObjectSweeper = {
  /**
   * Deletes all objects under a prefix that ends with "/", in all versions, and resolves to their number. `signal` ends it between two
   * pages. Throws `UnavailableError`, or the reason of `signal`.
   */
  sweep: (prefix: string, signal?: AbortSignal) => Promise<number>
  /** Deletes these objects in all versions; missing ones are ignored. One deadline covers all. Throws `UnavailableError`. */
  removeAll: (keys: readonly string[]) => Promise<void>
  close: () => Promise<void>
}

const requestTimeoutMsDefault = 10_000
const keysAtOnce = 10
/** Limit of one DeleteObjects request. */
const objectsPerRequest = 1_000

/**
 * Opens a bucket for bulk removal, with many objects in one request. The SDK is loaded at the first use. `requestTimeoutMs` is 10,000 by
 * default.
 */
export function openObjectSweeper(options: ObjectStoreOptions): ObjectSweeper {
  const { bucket: Bucket } = options
  const { opened, close } = createS3Opener(options)
  const requestTimeoutMs = options.requestTimeoutMs ?? requestTimeoutMsDefault
  const deadline = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) })

  const remove = async ({ sdk, client }: OpenedS3, found: ObjectIdentifier[], until = deadline()): Promise<void> => {
    const { Errors: errors = [] } = await client.send(
      new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects: found, Quiet: true } }),
      until,
    )
    if (errors.length > 0) {
      throw new UnavailableError('objects', `${errors.length} objects could not be deleted: ${errors[0]?.Code}`)
    }
  }

  return {
    sweep: async (prefix, signal) => {
      if (!prefix.endsWith('/'))
        throw new Error(`The prefix "${prefix}" must end with "/", or it would match its neighbours`)
      const s3 = await opened()
      try {
        let swept = 0
        // Always the first page, since the objects of the last one are deleted.
        for (let found = await findObjects(s3, Bucket, prefix, deadline()); found.length > 0; ) {
          await remove(s3, found)
          swept += found.length
          signal?.throwIfAborted()
          found = await findObjects(s3, Bucket, prefix, deadline())
        }
        return swept
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        return unavailable(error)
      }
    },
    removeAll: async (keys) => {
      const s3 = await opened()
      const until = deadline()
      try {
        const found: ObjectIdentifier[] = []
        for (let at = 0; at < keys.length; at += keysAtOnce) {
          const pages = keys.slice(at, at + keysAtOnce).map(async (key) => {
            const objects = await findObjects(s3, Bucket, key, until)
            // A key may be the prefix of another.
            return objects.filter(({ Key }) => Key === key)
          })
          found.push(...(await Promise.all(pages)).flat())
        }
        for (let at = 0; at < found.length; at += objectsPerRequest) {
          await remove(s3, found.slice(at, at + objectsPerRequest), until)
        }
      } catch (error) {
        unavailable(error)
      }
    },
    close,
  }
}

function unavailable(error: unknown): never {
  if (error instanceof UnavailableError) throw error
  throw new UnavailableError('objects', 'The object store did not answer as it should', { cause: error })
}

/** Lists one page. In a versioned bucket a plain delete only hides an object, so versions and delete markers are listed. */
async function findObjects(
  { sdk, client }: OpenedS3,
  Bucket: string,
  Prefix: string,
  deadline: { abortSignal: AbortSignal },
): Promise<ObjectIdentifier[]> {
  try {
    const { Versions: versions = [], DeleteMarkers: markers = [] } = await client.send(
      new sdk.ListObjectVersionsCommand({ Bucket, Prefix }),
      deadline,
    )
    return [...versions, ...markers].map(({ Key, VersionId }) => ({ Key, VersionId }))
  } catch (error) {
    // Stores without versions, such as that of the local platform, answer the request with 501.
    if (!(error instanceof sdk.S3ServiceException) || error.$metadata.httpStatusCode !== 501) throw error
    const { Contents: contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix }), deadline)
    return contents.map(({ Key }) => ({ Key }))
  }
}
