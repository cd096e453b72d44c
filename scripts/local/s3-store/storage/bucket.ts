import { createHash } from 'node:crypto'
import { openSync, renameSync, unlinkSync } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { S3Error } from '../http/s3-error.ts'
import { appendRecord, type ObjectRecord, readRecord } from './object-file.ts'

export type Bucket = Awaited<ReturnType<typeof openBucket>>
export type BucketOptions = {
  name: string
  directory: string
  /** Directory of unfinished objects, on the same file system as `directory`. */
  unfinishedDirectory: string
  newId: () => string
}
export type Write = {
  key: string
  body: AsyncIterable<Buffer>
  /** Called at the end of `body`; throws to refuse it. */
  describe: () => Omit<ObjectRecord, 'key'>
  /** Called synchronously with the replacement of `existing`; throws to refuse it. */
  check: (existing: ObjectRecord | undefined) => void
}

async function readRecords(directory: string): Promise<Map<string, ObjectRecord>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const records = new Map<string, ObjectRecord>()
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const record = await readRecord(join(entry.parentPath, entry.name))
    records.set(record.key, record)
  }
  return records
}

/** Opens a bucket: object files, and an in-memory index of their records that is read from the files at every start. */
export async function openBucket({ name, directory, unfinishedDirectory, newId }: BucketOptions) {
  await mkdir(directory, { recursive: true })
  const records = await readRecords(directory)
  let sortedKeys: string[] | undefined

  // A key may be any 1024 bytes; a file name may not.
  const filePath = (key: string) => {
    const hash = createHash('sha256').update(key).digest('hex')
    return join(directory, hash.slice(0, 2), hash)
  }

  return {
    name,

    find: (key: string) => records.get(key),

    get: (key: string): ObjectRecord => {
      const record = records.get(key)
      if (!record) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { fields: { Key: key } })
      return record
    },

    /** Opens the file synchronously with the look-up, so that a later replacement or deletion cannot mix two objects. */
    open: (key: string): number => openSync(filePath(key), 'r'),

    /** Keys sorted by their UTF-8 bytes, as in S3 listings. */
    listKeys: (): string[] => {
      sortedKeys ??= [...records.keys()]
        .map((key) => ({ key, bytes: Buffer.from(key) }))
        .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
        .map(({ key }) => key)
      return sortedKeys
    },

    write: async ({ key, body, describe, check }: Write): Promise<ObjectRecord> => {
      const unfinishedPath = join(unfinishedDirectory, newId())
      const finishedPath = filePath(key)
      await mkdir(dirname(finishedPath), { recursive: true })
      try {
        const file = await open(unfinishedPath, 'wx')
        let record: ObjectRecord
        try {
          for await (const chunk of body) await file.appendFile(chunk)
          record = { key, ...describe() }
          await appendRecord(file, record)
          await file.datasync()
        } finally {
          await file.close()
        }
        // Synchronous from the check to the index, so that one of two conditional writes of a key sees the other.
        check(records.get(key))
        renameSync(unfinishedPath, finishedPath)
        records.set(key, record)
        sortedKeys = undefined
        return record
      } catch (error) {
        await rm(unfinishedPath, { force: true })
        throw error
      }
    },

    /** Deleting a missing key is a success. */
    delete: (key: string, check: (existing: ObjectRecord | undefined) => void = () => {}): void => {
      check(records.get(key))
      if (!records.has(key)) return
      unlinkSync(filePath(key))
      records.delete(key)
      sortedKeys = undefined
    },
  }
}
