import { glob } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { createBoundaryRules } from '../config/boundary-rules.ts'

const roots = ['functions', 'scripts']

/** Imports that cross a boundary, each with what is wrong and what to do instead. */
export async function findBoundaryProblems(repository: string): Promise<string[]> {
  const files = await globAll('{functions,scripts}/**/*.ts', repository)
  const functionFolders = (await globAll('functions/[!_]*/*/{function,main}.ts', repository)).map(dirname)
  const { output } = await cruise(
    roots.filter((root) => files.some((file) => file.startsWith(`${root}/`))),
    {
      baseDir: repository,
      validate: true,
      ruleSet: { forbidden: createBoundaryRules([...new Set(functionFolders)].sort()) },
      doNotFollow: { path: 'node_modules' },
      // The default parser finds no import in a file that it cannot parse, and goes on; this one fails.
      parser: 'swc',
    },
    {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  )
  return describeCruise(output as ICruiseResult, files)
}

/** What was found, and every file that was not looked at: a cruise that saw nothing must not pass as clean. */
export function describeCruise(
  { modules, summary }: Pick<ICruiseResult, 'modules' | 'summary'>,
  files: readonly string[],
): string[] {
  const cruised = new Set(modules.map(({ source }) => source))
  const unseen = files.filter((file) => !cruised.has(file))
  const comments = new Map(summary.ruleSetUsed?.forbidden?.map(({ name, comment }) => [name, comment]))
  return [
    ...unseen.map((file) => `${file} was not looked at, so its imports are unchecked`),
    ...summary.violations.map(({ from, to, rule, cycle }) => {
      const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : `${from} imports ${to}`
      return `${way}\n    ${rule.name}: ${comments.get(rule.name) ?? ''}`
    }),
  ]
}

async function globAll(pattern: string, cwd: string): Promise<string[]> {
  const found: string[] = []
  for await (const path of glob(pattern, { cwd })) found.push(path)
  return found.sort()
}
