import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { analysisVariants } from '../../functions/waste/analysis-step.ts'
import { faults, notRun } from './catalogue.ts'
import { formatMarkdown, formatProblems, formatText } from './report/format-rows.ts'
import { createProgress } from './report/progress.ts'
import type { FaultRow } from './report/summarise.ts'
import { runSuite } from './run-suite.ts'

const usage = `Usage: node scripts/faults/run-faults.ts [options]

Injects every fault of the table into the running system, under a load of analyses, and checks that nothing is lost and nothing
happens twice. Needs the programs redis-server and rabbitmq-server. All faults at 1000 jobs and three seeds take
about two and a half hours on two cores; one fault takes three to twenty minutes.

  --jobs N         analyses of each fault and seed, 1000 by default
  --seeds N        how many seeds, 3 by default
  --only F1,F3     only these faults
  --variant NAME   which functions do an analysis: single (waste-ai-analyze, the default) or stages (the four functions of its steps)
  --json FILE      where the figures go, .local/faults/<time>.json by default
  --markdown FILE  the table as Markdown
  --list           print the faults
  --help           this text`

try {
  process.exit(await main())
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(2)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '1000' },
      seeds: { type: 'string', default: '3' },
      only: { type: 'string' },
      variant: { type: 'string', default: 'single' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (values.list) {
    for (const { id, title, how } of faults) console.log(`${id.padEnd(4)} ${title}: ${how}`)
    for (const { id, what, why } of notRun) console.log(`${id.padEnd(4)} not run: ${what} (${why})`)
    return 0
  }
  const names = values.only?.split(',')
  const unknown = names?.filter((name) => !faults.some(({ id }) => id === name)) ?? []
  if (unknown.length > 0)
    throw new Error(`"${unknown.join(',')}" is unknown; expected some of ${faults.map(({ id }) => id).join(',')}`)
  const variant = analysisVariants.find((name) => name === values.variant)
  if (!variant)
    throw new Error(`"--variant ${values.variant}" is unknown; expected one of ${analysisVariants.join(', ')}`)
  const [jobs, seeds] = [readCount('--jobs', values.jobs), readCount('--seeds', values.seeds)]

  const folder = resolve('.local/faults')
  await mkdir(folder, { recursive: true })
  const startedAt = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const jsonFile = resolve(values.json ?? join(folder, `${startedAt}.json`))
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort())

  const rows: FaultRow[] = []
  const keep = async (row: FaultRow, evidence: unknown[]) => {
    rows.push(row)
    await writeFile(jsonFile, `${JSON.stringify({ variant, jobs, seeds, rows }, null, 2)}\n`)
    if (evidence.length > 0) {
      const file = join(folder, `${startedAt}-${row.id}-evidence.json`)
      await writeFile(file, `${JSON.stringify(evidence, null, 2)}\n`)
    }
  }
  await runSuite({
    faults: faults.filter(({ id }) => names === undefined || names.includes(id)),
    jobs,
    seeds: Array.from({ length: seeds }, (_, index) => index + 1),
    variant,
    logFile: join(folder, `${startedAt}.log`),
    progress: createProgress(process.stderr),
    keep,
    signal: interrupted.signal,
  })
  console.log(`\n${formatText(rows)}\n`)
  if (values.markdown) await writeFile(values.markdown, `${formatMarkdown(rows)}\n`)
  if (names === undefined) {
    console.log('Not run:')
    for (const { id, what, why } of notRun) console.log(`  ${id.padEnd(4)} ${what}: ${why}`)
  }
  const problems = formatProblems(rows)
  for (const problem of problems) console.log(problem)
  console.log(`Figures in ${jsonFile}`)
  if (interrupted.signal.aborted) return 130
  return problems.length > 0 || rows.length === 0 ? 1 : 0
}

function readCount(name: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new Error(`"${name} ${text}" is not a whole number from 1`)
  return count
}
