/** Records the answers of a real Redis: `REDIS_URL=... node scripts/local/servers/redis-server/conformance/record-conformance.ts`. */
import { writeFile } from 'node:fs/promises'
import { CONFORMANCE_SCRIPTS } from './conformance-scripts.ts'
import { type Answer, runConformanceScript } from './run-conformance-script.ts'

const url = process.env.REDIS_URL
if (!url) throw new Error('REDIS_URL is not set; expected the address of a real Redis 7, whose database 15 is emptied.')
const recorded: Record<string, Answer> = {
  generated: 'From conformance-scripts.ts and a real Redis 7.0 by record-conformance.ts.',
}
for (const script of CONFORMANCE_SCRIPTS)
  for (const protocol of [2, 3] as const) {
    const answers = await runConformanceScript(url, protocol, script)
    recorded[`${script.name}, RESP${protocol}`] = script.commands.map((line, at) => [line, answers[at] ?? null])
  }
const rows = Object.entries(recorded).map(
  ([name, answers]) =>
    `${JSON.stringify(name)}: ${Array.isArray(answers) ? `[\n    ${answers.map((row) => JSON.stringify(row)).join(',\n    ')}\n  ]` : JSON.stringify(answers)}`,
)
await writeFile(new URL('conformance-answers.generated.json', import.meta.url), `{\n  ${rows.join(',\n  ')}\n}\n`)
