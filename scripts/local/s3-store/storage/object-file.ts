import { type FileHandle, open } from 'node:fs/promises'
import * as z from 'zod'
import { checksumAlgorithms } from '../signing/digest.ts'

/**
 * The record at the end of an object file. One file per object, so that one rename replaces bytes and metadata together:
 * the bytes, the record as JSON, the length of that JSON (4 bytes, big endian), and the end marker (8 bytes).
 */
const mark = Buffer.from('S3OBJECT')
const footerSizeBytes = 4 + mark.length

const objectRecordSchema = z.object({
  key: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** MD5 in hexadecimal, without quotes. */
  etag: z.string(),
  lastModified: z.coerce.date(),
  /** Headers of the response, such as Content-Type and Cache-Control. */
  headers: z.record(z.string(), z.string()),
  /** Names without `x-amz-meta-`. */
  metadata: z.record(z.string(), z.string()),
  checksum: z.object({ algorithm: z.enum(checksumAlgorithms), value: z.string() }).optional(),
})
export type ObjectRecord = z.infer<typeof objectRecordSchema>

export async function appendRecord(file: FileHandle, record: ObjectRecord): Promise<void> {
  const json = Buffer.from(JSON.stringify(record))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  await file.appendFile(Buffer.concat([json, length, mark]))
}

async function readAt(file: FileHandle, position: number, sizeBytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, position)
  return buffer.subarray(0, bytesRead)
}

/** Reads the record of an object file; throws when the file is incomplete. */
export async function readRecord(path: string): Promise<ObjectRecord> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const footer = await readAt(file, Math.max(size - footerSizeBytes, 0), footerSizeBytes)
    if (footer.length < footerSizeBytes || !footer.subarray(4).equals(mark))
      throw new Error(`Object file "${path}" does not end with the marker "${mark}"`)
    const jsonSizeBytes = footer.readUInt32BE()
    const json = await readAt(file, Math.max(size - footerSizeBytes - jsonSizeBytes, 0), jsonSizeBytes)
    const record = objectRecordSchema.parse(JSON.parse(json.toString()))
    if (record.sizeBytes !== size - footerSizeBytes - jsonSizeBytes)
      throw new Error(`Object file "${path}" does not contain the ${record.sizeBytes} bytes of its record`)
    return record
  } finally {
    await file.close()
  }
}
