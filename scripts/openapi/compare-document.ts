import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDocument, serialize } from './build/build-document.ts'
import { documentPath } from './document-path.ts'

/** What differs between the committed document and the functions, in one text; undefined when nothing does. */
export async function compareDocument(repository: string): Promise<string | undefined> {
  const expected = serialize(await buildDocument(repository))
  const actual = await readFile(join(repository, documentPath), 'utf8').catch(() => '')
  if (actual === expected) return undefined
  const lines = actual.split('\n')
  const at = expected.split('\n').findIndex((line, index) => line !== lines[index])
  const state = actual === '' ? 'missing' : `different from line ${at + 1} on`
  return `${documentPath} is ${state}; run "npm run openapi"\n  - ${lines[at] ?? ''}\n  + ${expected.split('\n')[at] ?? ''}`
}

/** Writes the document. False when it was the same before. */
export async function writeDocument(repository: string): Promise<boolean> {
  if ((await compareDocument(repository)) === undefined) return false
  await writeFile(join(repository, documentPath), serialize(await buildDocument(repository)))
  return true
}
