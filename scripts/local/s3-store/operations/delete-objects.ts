import type { Operation } from '../http/operation.ts'
import { readDocument } from '../http/read-document.ts'
import { S3Error } from '../http/s3-error.ts'
import { parseXml, renderXml } from '../http/xml.ts'

const keysMax = 1000

function parseKeys(source: string): { keys: string[]; isQuiet: boolean } {
  const root = parseXml(source)
  const keys = root.children
    .filter(({ name }) => name === 'Object')
    .map(({ children }) => {
      const [key, ...others] = children
      if (key?.name === 'Key' && key.text !== '' && others.length === 0) return key.text
      if (others.length > 0)
        throw new S3Error('NotImplemented', 'Deleting a version, or under a condition, is not implemented.')
      throw new S3Error('MalformedXML', 'Every Object must name one Key.')
    })
  if (root.name !== 'Delete' || keys.length === 0 || keys.length > keysMax)
    throw new S3Error('MalformedXML', `The document must be a Delete of 1 to ${keysMax} objects.`)
  return { keys, isQuiet: root.children.some(({ name, text }) => name === 'Quiet' && text.trim() === 'true') }
}

export const deleteObjects: Operation = {
  parameters: ['delete'],
  run: async ({ storage }, { bucketName, readPayload }) => {
    const bucket = storage.getBucket(bucketName)
    const payload = readPayload()
    if (!payload.isVouchedFor)
      throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
    const { keys, isQuiet } = parseKeys(await readDocument(payload))
    for (const key of keys) bucket.delete(key)
    const content = { Deleted: isQuiet ? [] : keys.map((key) => ({ Key: key })) }
    return { status: 200, body: renderXml('DeleteResult', content) }
  },
}
