import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LoadedSpec } from '../manifests/load-specs.ts'
import { isHttp } from '../manifests/trigger-kind.ts'

const required = ['function.ts', 'main.ts', 'handler.ts']

/** Folders that look like a function and lack a part of one. A folder with any of the files has to have all. */
export async function findIncompleteFolders(repository: string): Promise<string[]> {
  const folders = new Set<string>()
  for await (const path of glob('functions/[!_]*/*/{function,main,handler}.ts', { cwd: repository })) {
    folders.add(path.slice(0, path.lastIndexOf('/')))
  }
  const problems = await Promise.all(
    [...folders].sort().map(async (folder) => {
      const missing = required.filter((file) => !existsSync(join(repository, folder, file)))
      if (!(await hasOperation(join(repository, folder)))) missing.push(`${basename(folder)}.ts`)
      const hasTest = (await first(glob('**/*.test.ts', { cwd: join(repository, folder) }))) !== undefined
      return [...missing, ...(hasTest ? [] : ['a test (*.test.ts)'])].map(
        (part) => `${folder} is incomplete: ${part} is missing`,
      )
    }),
  )
  return problems.flat()
}

/** A function of one operation has it under its own name; one of several has a file for each. */
async function hasOperation(folder: string): Promise<boolean> {
  if (existsSync(join(folder, `${basename(folder)}.ts`))) return true
  for await (const file of glob('*.ts', { cwd: folder })) {
    // Adapters and tests have a second ending.
    if (!required.includes(file) && file !== 'openapi.ts' && file.split('.').length === 2) return true
  }
  return false
}

/**
 * HTTP functions that decide by themselves who may call them. `createApiApp` decides it from the specification, so that a new
 * route is closed unless `function.ts` opens it; and the shared suite holds the function to it.
 */
export async function findOpenFunctions(repository: string, specs: readonly LoadedSpec[]): Promise<string[]> {
  const problems: string[] = []
  for (const { spec, source } of specs) {
    if (!('routes' in spec.trigger)) continue
    const folder = source.replace(/\/function\.ts$/, '')
    const handler = await readFile(join(repository, folder, 'handler.ts'), 'utf8').catch(() => '')
    if (
      !/\bcreateApiApp\(\{[^}]*\broutes: spec\.trigger\.routes\b/.test(handler) ||
      /\bcreateHttpApp\(/.test(handler)
    ) {
      problems.push(
        `${folder}/handler.ts does not leave access to the specification; make the app by createApiApp({ ...options, routes: spec.trigger.routes })`,
      )
    }
  }
  return problems
}

const suites = {
  http: { file: 'http.test.ts', call: 'describeHttpFunction' },
  event: { file: 'event.test.ts', call: 'describeEventFunction' },
} as const

/**
 * Functions that are not held to what every function of their kind keeps: the shared suite, in `http.test.ts` or `event.test.ts`. One
 * that handles no contract, as that of dead letters, takes messages in any form, which the suite has rejected: it is held to the
 * scenarios of the suite instead.
 */
export async function findUntestedFunctions(repository: string, specs: readonly LoadedSpec[]): Promise<string[]> {
  const problems = await Promise.all(
    specs.map(async ({ spec, source }) => {
      const folder = dirname(source)
      if (!isHttp(spec) && spec.handles.length === 0) {
        return (await testsOf(repository, folder)).includes('of cloudEventScenarios)')
          ? []
          : [`${folder} handles no contract; expected a test of its own with each message of cloudEventScenarios`]
      }
      const { file, call } = suites[isHttp(spec) ? 'http' : 'event']
      const text = await readFile(join(repository, folder, file), 'utf8').catch(() => '')
      return new RegExp(`^${call}\\(\\{\\s*name: '${spec.name}'`, 'm').test(text)
        ? []
        : [`${folder}/${file} does not call ${call}({ name: '${spec.name}', … }), the suite that every function passes`]
    }),
  )
  return problems.flat()
}

async function testsOf(repository: string, folder: string): Promise<string> {
  const texts: string[] = []
  for await (const path of glob('**/*.test.ts', { cwd: join(repository, folder) })) {
    texts.push(await readFile(join(repository, folder, path), 'utf8'))
  }
  return texts.join('\n')
}

/** Events that are made by `createEvent` itself: `eventsOf` alone holds them to what the function declares to publish. */
export async function findUndeclaredEvents(repository: string): Promise<string[]> {
  const problems: string[] = []
  for await (const path of glob('functions/**/*.ts', { cwd: repository })) {
    if (/[.]test[.]ts$|\/testing\/|^functions\/_lib\//.test(path)) continue
    if (/^import \{[^}]*\bcreateEvent\b/m.test(await readFile(join(repository, path), 'utf8'))) {
      problems.push(
        `${path} makes events of any contract; take eventsOf<typeof spec>('<function>') instead of createEvent`,
      )
    }
  }
  return problems.sort()
}

/** Reads of the environment outside the one file for it: they fail at the first request instead of at start. */
export async function findEnvironmentReads(repository: string): Promise<string[]> {
  const problems: string[] = []
  for await (const path of glob('functions/**/*.ts', { cwd: repository })) {
    if (path === 'functions/_lib/process/config.ts' || path.endsWith('.integration.test.ts')) continue
    const lines = (await readFile(join(repository, path), 'utf8')).split('\n')
    for (const [index, line] of lines.entries()) {
      const isComment = /^\s*(\/\/|\*|\/\*)/.test(line)
      if (!isComment && /\bprocess\s*\.\s*env\b|\bprocess\[|\benv\b.*from 'node:process'/.test(line)) {
        problems.push(
          `${path}:${index + 1} reads the environment; declare the variable in function.ts and take it as an option`,
        )
      }
    }
  }
  return problems.sort()
}

async function first<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}
