import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createMetrics } from '../process/metrics.ts'
import { createHttpApp } from './http-app.ts'
import { isUuid, readJsonBody } from './read-body.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const schema = z.strictObject({
  name: z.string().max(5),
  place: z.strictObject({ 'a/b~c': z.number() }).optional(),
  tags: z.array(z.string()).optional(),
})

function post(body: string, contentType: string | undefined = 'application/json') {
  const app = createHttpApp({ log, metrics: createMetrics('test') })
  app.post('/', async (c) => c.json(await readJsonBody(c, schema)))
  return app.request('/', { method: 'POST', body, headers: { ...(contentType && { 'content-type': contentType }) } })
}

const errorsOf = async (response: Response) => ((await response.json()) as { errors: { pointer: string }[] }).errors

describe('a JSON body', () => {
  test.each(['application/json', 'Application/JSON; charset=utf-8'])('is read as %s', async (contentType) => {
    const response = await post('{"name":"가나"}', contentType)
    expect(await response.json()).toEqual({ name: '가나' })
  })

  test.each(['text/plain', 'text/json', 'application/jsonp', '', 'application/json-seq'])(
    'is not read as %j, which a form of another site could send',
    async (contentType) => {
      expect((await post('{"name":"a"}', contentType)).status).toBe(415)
    },
  )

  test('gets every wrong field with its pointer', async () => {
    const response = await post(
      JSON.stringify({ name: 'too long', place: { 'a/b~c': 'x', y: 1 }, tags: ['a', 2], z: 1 }),
    )
    expect(response.status).toBe(400)
    const pointers = (await errorsOf(response)).map(({ pointer }) => pointer).sort()
    expect(pointers).toEqual(['/name', '/place/a~1b~0c', '/place/y', '/tags/1', '/z'])
  })

  test('is not repeated in the problem', async () => {
    const response = await post(JSON.stringify({ name: 'canary-value', place: 'canary-value' }))
    expect(await response.text()).not.toContain('canary')
  })

  test('that is wrong everywhere gets twenty errors, not a thousand', async () => {
    const response = await post(JSON.stringify({ name: 'a', tags: Array.from({ length: 1000 }, () => 1) }))
    expect(await errorsOf(response)).toHaveLength(20)
  })

  test.each(['', '{', 'nul', '{"name":"a"}x', '['.repeat(30_000)])('that is %.20j is not JSON', async (body) => {
    expect(await errorsOf(await post(body))).toEqual([{ pointer: '', detail: 'is not JSON' }])
  })

  test('reaches no prototype', async () => {
    const response = await post('{"name":"a","__proto__":{"admin":true}}')
    expect([200, 400]).toContain(response.status)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect(await response.text()).not.toContain('"admin"')
  })
})

test('only a UUID is one', () => {
  expect(isUuid('0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d')).toBe(true)
  for (const text of ['', 'x', '0198c5f27b1e7d369a553f6b8a1f0c2d', '{0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d}']) {
    expect(isUuid(text)).toBe(false)
  }
})
