import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('counts and durations come out in the Prometheus text format, with the service', async () => {
  const metrics = createMetrics('waste-presign')
  metrics.count('events_handled_total', { type: 'a' })
  metrics.count('events_handled_total', { type: 'a' }, 2)
  metrics.count('events_handled_total', { type: 'b' })
  metrics.observeMs('http_request_duration', { status: '200' }, 7)
  const { contentType, body } = await metrics.render()
  expect(contentType).toMatch(/^text\/plain/)
  const lines = body.split('\n')
  expect(lines).toContain('events_handled_total{type="a",service="waste-presign"} 3')
  expect(lines).toContain('events_handled_total{type="b",service="waste-presign"} 1')
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.005",service="waste-presign",status="200"} 0')
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.01",service="waste-presign",status="200"} 1')
  expect(lines).toContain('http_request_duration_seconds_sum{service="waste-presign",status="200"} 0.007')
})

test('two functions in one process share nothing, and each shows the process', async () => {
  const [a, b] = [createMetrics('a'), createMetrics('b')]
  a.count('x_total')
  expect((await a.render()).body).toContain('x_total{service="a"} 1')
  const { body } = await b.render()
  expect(body).not.toContain('x_total')
  expect(body).toContain('process_resident_memory_bytes{service="b"}')
  expect((await b.render()).body).toContain('process_resident_memory_bytes')
})
