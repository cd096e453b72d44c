import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedisServer } from '../start-redis-server.ts'
import { CONFORMANCE_SCRIPTS } from './conformance-scripts.ts'
import { runConformanceScript } from './run-conformance-script.ts'

const recorded = JSON.parse(await readFile(new URL('conformance-answers.generated.json', import.meta.url), 'utf8'))

describe.each([2, 3] as const)('the in-process Redis over RESP%i', (protocol) => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server.close())

  it.each(CONFORMANCE_SCRIPTS)('answers as the recorded Redis: $name', async (script) => {
    const answers = await runConformanceScript(server.url, protocol, script)
    const rows = script.commands.map((line, at) => [line, answers[at]])
    expect(rows).toEqual(recorded[`${script.name}, RESP${protocol}`])
  })
})
