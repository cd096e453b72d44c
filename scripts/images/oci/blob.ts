import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export type Descriptor = { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }

export const blobPathOf = (digest: string): string => join('blobs', ...digest.split(':'))

/** Writes a JSON document as a blob of the layout. */
export async function putJson(document: object, mediaType: string, layout: string): Promise<Descriptor> {
  const content = Buffer.from(JSON.stringify(document))
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  const path = join(layout, blobPathOf(digest))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return { mediaType, digest, size: content.length }
}
