import type { ObjectIdentifier } from '@aws-sdk/client-s3'
import { UnavailableError } from '../http/errors.ts'
import { createS3Opener, type ObjectStoreOptions, type OpenedS3 } from './s3-opener.s3.ts'

export type ObjectSweeper = {
  /**
   * Deletes everything under a prefix, every version of it, and resolves to how much that was. `signal` ends it between two pages.
   * Throws `UnavailableError`.
   */
  sweep: (prefix: string, signal?: AbortSignal) => Promise<number>
  /** Deletes these objects, every version of each; those that are not there are fine. One deadline for all. Throws `UnavailableError`. */
  removeAll: (keys: readonly string[]) => Promise<void>
  close: () => Promise<void>
}

const requestTimeoutMsDefault = 10_000
const keysAtOnce = 10
/** Most that one DeleteObjects takes. */
const objectsPerRequest = 1_000

/**
 * Lists and deletes objects of a bucket, many in one request, for clean-up. Loads the SDK at the first use. Its abilities throw
 * `UnavailableError` when S3 does not answer in time.
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
        // The first page again and again: what was found is gone by the next look.
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
            // The prefix of one key may be the beginning of another.
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

/** One page. On a versioned bucket a plain delete only hides an object, so versions and delete markers are what is listed. */
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
    // Stores without versions, such as the one of the local platform, do not know the request.
    if (!(error instanceof sdk.S3ServiceException) || error.$metadata.httpStatusCode !== 501) throw error
    const { Contents: contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix }), deadline)
    return contents.map(({ Key }) => ({ Key }))
  }
}
