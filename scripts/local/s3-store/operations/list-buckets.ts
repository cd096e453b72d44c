import type { Operation } from '../http/operation.ts'
import { renderXml } from '../http/xml.ts'

export const listBuckets: Operation = {
  run: async ({ storage }) => {
    const buckets = await storage.listBuckets()
    const content = {
      Owner: { ID: 'local', DisplayName: 'local' },
      Buckets: {
        Bucket: buckets.map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt.toISOString() })),
      },
    }
    return { status: 200, body: renderXml('ListAllMyBucketsResult', content) }
  },
}
