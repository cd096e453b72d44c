import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

type Step = { uses?: string; run?: string }
type Workflow = { permissions?: unknown; jobs?: Record<string, { 'timeout-minutes'?: number; steps?: Step[] }> }

/** What a workflow must not do: run code that a tag may change, hold rights that it does not name, or run without an end. */
export function checkWorkflow(path: string, text: string): string[] {
  const { permissions, jobs = {} } = parse(text) as Workflow
  return [
    ...(permissions === undefined
      ? [`${path}: "permissions" is missing: without it a workflow has more than it needs`]
      : []),
    ...(/\bpull_request_target\b/.test(text) ? [`${path}: "pull_request_target" gives code of others our rights`] : []),
    ...Object.entries(jobs).flatMap(([name, job]) => [
      ...(job['timeout-minutes'] ? [] : [`${path}: job "${name}" has no "timeout-minutes"`]),
      ...(job.steps ?? []).flatMap((step) => checkStep(`${path}: job "${name}"`, step)),
    ]),
    ...text
      .split('\n')
      .flatMap((line, index) =>
        /\buses:\s*\S+@[0-9a-f]{40}\s*$/.test(line)
          ? [`${path}:${index + 1}: the comment with the version is missing`]
          : [],
      ),
  ]
}

function checkStep(place: string, { uses, run }: Step): string[] {
  return [
    ...(uses && !/^\.\/|@[0-9a-f]{40}$/.test(uses)
      ? [`${place}: "${uses}" has to be pinned by the 40 digits of a commit`]
      : []),
    // An expression in a script is replaced before the shell reads it, so that a title or a branch could be a command.
    ...(run?.includes('${{') ? [`${place}: a script has an expression; pass it by "env"`] : []),
  ]
}

/** The same for every workflow of the repository. */
export async function findWorkflowProblems(repository: string): Promise<string[]> {
  const problems: string[] = []
  for await (const path of glob('.github/workflows/*.{yaml,yml}', { cwd: repository })) {
    problems.push(...checkWorkflow(path, await readFile(join(repository, path), 'utf8')))
  }
  return problems
}
