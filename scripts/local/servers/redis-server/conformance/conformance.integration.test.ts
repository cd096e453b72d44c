import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { CONFORMANCE_SCRIPTS } from './conformance-scripts.ts'
import { runConformanceScript } from './run-conformance-script.ts'

const url = process.env.REDIS_URL
const recorded = JSON.parse(await readFile(new URL('conformance-answers.generated.json', import.meta.url), 'utf8'))

describe.skipIf(!url).each([2, 3] as const)('a real Redis over RESP%i', (protocol) => {
  it.each(CONFORMANCE_SCRIPTS)('still answers as recorded: $name', async (script) => {
    const answers = await runConformanceScript(url ?? '', protocol, script)
    const rows = script.commands.map((line, at) => [line, answers[at]])
    expect(rows).toEqual(recorded[`${script.name}, RESP${protocol}`])
  })
})
