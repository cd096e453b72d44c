import { parseArgs } from 'node:util'
import { createAnalyses } from './bench/analyses/analyses.ts'
import { createAuth } from './bench/auth/auth.ts'
import { createBroker } from './bench/broker/broker.ts'
import { createColdStart } from './bench/cold-start/cold-start.ts'
import { createConnections } from './bench/connections/connections.ts'
import { createFlood } from './bench/flood/flood.ts'
import { createHostilePhotos } from './bench/hostile-photos/hostile-photos.ts'
import { createPeople } from './bench/people/people.ts'
import { runExperiments } from './bench/run-experiments.ts'
import { createStatus } from './bench/status/status.ts'
import { describeMachine, formatMeasurements, writeReport } from './bench/write-report.ts'
import { repositoryRoot } from './lib/repository-root.ts'
import { loadSpecs } from './manifests/load-specs.ts'

const usage = `Usage: npm run bench -- [options]

Measures cold starts, memory and throughput, each beside a reference in the same run.

  --only NAME   only measurements whose name begins with NAME
  --json FILE   write the figures to FILE
  --list        print the names
  --help        this text`

try {
  process.exit(await main())
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const specs = await loadSpecs(repositoryRoot)
  const experiments = [
    createColdStart(specs.map(({ spec }) => spec.name)),
    createStatus(),
    createAuth(),
    createAnalyses(),
    createBroker(),
    createConnections(),
    createFlood(),
    createHostilePhotos(),
    createPeople(),
  ]
  if (values.list) {
    console.log(experiments.flatMap(({ names }) => names).join('\n'))
    return 0
  }
  const machine = describeMachine(new Date())
  const { measurements, notes } = await runExperiments(experiments, {
    only: values.only,
    report: (step) => process.stderr.write(`${step}\n`),
  })
  console.log(
    [
      `${machine.cpu}, ${machine.cores} cores, load ${machine.load} before, Node.js ${machine.node}, ${machine.platform}`,
      '',
      formatMeasurements(measurements),
      '',
      ...notes,
    ].join('\n'),
  )
  if (values.json !== undefined) await writeReport(values.json, { machine, measurements })
  return 0
}
