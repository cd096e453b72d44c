import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

/** Folders of the repository: what stands in backticks and begins with one is a path. */
const roots = ['functions', 'knative', 'eventing', 'terraform', 'ansible', 'charts', 'scripts']

export type Document = { path: string; text: string }

/** References that lead nowhere: paths in backticks, relative links, `npm run` scripts, and tests: `path`: “name”. */
export async function findDocumentProblems(repository: string, documents: readonly Document[]): Promise<string[]> {
  const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(
    await readFile(join(repository, 'package.json'), 'utf8'),
  )
  const problems = await Promise.all(
    documents.flatMap(({ path, text }) => {
      const prose = text.replaceAll(/^(```|~~~).*$[\s\S]*?^\1\s*$/gm, '')
      return [
        ...pathsIn(prose).map((target) => findPathProblem(repository, path, target)),
        ...linksIn(prose).map((target) => findLinkProblem(repository, path, target)),
        ...testsIn(prose).map((test) => findTestProblem(repository, path, test)),
        // A command in a code block is as good a promise as one in a sentence.
        ...npmScriptsIn(text).map(async (name) =>
          name in scripts ? [] : [`${path}: there is no script "npm run ${name}"`],
        ),
      ]
    }),
  )
  return [...new Set(problems.flat())].sort()
}

function pathsIn(prose: string): string[] {
  return [...prose.matchAll(/`([^`\s]+)`/g)]
    .map(([, target = '']) => target.replace(/[#:]L?\d+$/, ''))
    .filter((target) => /^[\w.*{},[\]/@-]+$/.test(target) && isPath(target))
}

function isPath(target: string): boolean {
  return /^\.{1,2}\//.test(target) || (target.includes('/') && roots.includes(target.split('/')[0] ?? ''))
}

function linksIn(prose: string): string[] {
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
    .map(([, target = '']) => target.replace(/[#?].*$/, ''))
    .filter((target) => target !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(target))
}

type NamedTest = { file: string; name: string }

function testsIn(prose: string): NamedTest[] {
  return [...prose.matchAll(/`([^`\s]+\.ts)`: “([^”]+)”/g)].map(([, file = '', name = '']) => ({ file, name }))
}

function npmScriptsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm run (?:--?[\w-]+ )*([\w:-]+)/g)].map(([, name = '']) => name)
}

async function findPathProblem(repository: string, document: string, target: string): Promise<string[]> {
  const beside = normalize(join(dirname(document), target))
  for (const candidate of target.startsWith('.') ? [beside, target] : [target, beside]) {
    if (await isThere(repository, candidate)) return []
  }
  return [`${document}: there is no "${target}"`]
}

async function findLinkProblem(repository: string, document: string, target: string): Promise<string[]> {
  const path = target.startsWith('/') ? target.slice(1) : normalize(join(dirname(document), decodeURI(target)))
  return existsSync(join(repository, path)) ? [] : [`${document}: the link to "${target}" leads nowhere`]
}

/** A file that is gone is reported as a path. */
async function findTestProblem(repository: string, document: string, { file, name }: NamedTest): Promise<string[]> {
  const source = await readFile(join(repository, file), 'utf8').catch(() => name)
  return source.includes(name) ? [] : [`${document}: "${file}" has no test "${name}"`]
}

async function isThere(repository: string, path: string): Promise<boolean> {
  if (existsSync(join(repository, path))) return true
  if (!/[*{]/.test(path)) return false
  for await (const _ of glob(path, { cwd: repository })) return true
  return false
}
