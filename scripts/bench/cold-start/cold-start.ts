import { join } from 'node:path'
import { bundleFunctions } from '../../bundle/bundle-functions.ts'
import { buildReferences } from '../build-references.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { openServices } from '../open-services.ts'
import { compare } from '../statistics.ts'
import { createFirstRequests } from './first-requests.ts'
import { type Start, type StartedProgram, startOnce } from './start-once.ts'
import { warmCache } from './warm-cache.ts'

const pairsMin = 10
const pairsMax = 15
/** No further round begins after this time, once there are enough pairs. */
const budgetMs = 40_000

type Pair = { value: Start; reference: Start }

const answering = new Set(Object.keys(createFirstRequests('', (event) => event)))

const kindsOf = (name: string) => ['cold-start', ...(answering.has(name) ? ['first-answer'] : []), 'memory']

/** Measures the start of every bundled function and of an empty server, in turns. */
export function createColdStart(functionNames: readonly string[]): Experiment {
  return {
    names: functionNames.flatMap((name) => kindsOf(name).map((kind) => `${kind}-${name}`)),
    about:
      'cold-start: from exec to 200 on /healthz, compile cache as in the image; first-answer: to the first answer through ' +
      'what it talks to; memory: resident after it. Reference: an empty node:http server.',
    run: async (context) => {
      const wanted = functionNames.filter((name) => kindsOf(name).some((kind) => context.wanted.has(`${kind}-${name}`)))
      return measure(context, wanted)
    },
  }
}

async function measure(context: ExperimentContext, names: readonly string[]): Promise<Measurement[]> {
  const { directory, report } = context
  report(`bundling ${names.length} functions`)
  const bundles = await bundleFunctions({ outDirectory: join(directory, 'bundles'), names })
  const references = await buildReferences(directory, ['empty-server'])
  const services = await openServices(directory)
  try {
    const empty = await prepare(join(references, 'empty-server.js'), {})
    const programs: { name: string; program: StartedProgram; pairs: Pair[] }[] = []
    for (const { name, file } of bundles) {
      programs.push({ name, program: await prepare(file, services.environmentOf(name)), pairs: [] })
    }
    const endMs = performance.now() + budgetMs
    for (let round = 0; round < pairsMax && (round < pairsMin || performance.now() < endMs); round += 1) {
      report(`cold starts, round ${round + 1}`)
      // A new person in each round, since the number of open uploads of one person is limited.
      const requests = createFirstRequests((await services.signIn()).token, services.sign)
      for (const { name, program: warm, pairs } of programs) {
        const program = { ...warm, firstRequest: requests[name] }
        const emptyWithRequest = { ...empty, ...(program.firstRequest && { firstRequest: anyPath }) }
        // The order alternates, so that neither always runs right after the other.
        if (round % 2 === 0)
          pairs.push({ reference: await startOnce(emptyWithRequest), value: await startOnce(program) })
        else pairs.push({ value: await startOnce(program), reference: await startOnce(emptyWithRequest) })
      }
    }
    return programs.flatMap(({ name, pairs }) => summarize(name, pairs, kindsOf(name).includes('first-answer')))
  } finally {
    await services.close()
  }
}

const anyPath = { method: 'GET', path: '/', status: 200 }

async function prepare(file: string, environment: Record<string, string>): Promise<StartedProgram> {
  return { file, environment: { ...environment, NODE_COMPILE_CACHE: await warmCache(file) } }
}

function summarize(name: string, pairs: readonly Pair[], answers: boolean): Measurement[] {
  const measurement = (kind: string, unit: string, read: (start: Start) => number): Measurement => ({
    name: `${kind}-${name}`,
    unit,
    ...compare(pairs.map(({ value, reference }) => ({ value: read(value), reference: read(reference) }))),
  })
  const hasMemory = pairs.every(({ value, reference }) => value.memoryMib && reference.memoryMib)
  return [
    measurement('cold-start', 'ms', (start) => start.aliveMs),
    ...(answers ? [measurement('first-answer', 'ms', (start) => start.answeredMs)] : []),
    ...(hasMemory ? [measurement('memory', 'MiB', (start) => start.memoryMib ?? 0)] : []),
  ]
}
