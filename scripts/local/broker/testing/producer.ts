import { CloudEvent, HTTP } from 'cloudevents'

type Attributes = Record<string, unknown>

const defaults = { id: 'event-1', source: '/test', type: 'test.a', time: '2026-01-02T03:04:05.678Z' }

/** Posts an event made by the CloudEvents SDK, an independent implementation; returns the status. */
export async function send(
  address: string | undefined,
  attributes: Attributes = {},
  mode: 'binary' | 'structured' = 'binary',
): Promise<number> {
  const { headers, body } = HTTP[mode](new CloudEvent({ ...defaults, ...attributes }))
  return post(address, headers as Record<string, string>, body as string | Buffer)
}

export async function post(
  address: string | undefined,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<number> {
  // fetch accepts buffers too; its types in this library name only strings.
  const response = await fetch(address ?? '', { method: 'POST', headers, body: body as string })
  await response.arrayBuffer()
  return response.status
}
