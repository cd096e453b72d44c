import { expect, it } from 'vitest'
import { checkWorkflow } from './workflows.ts'

const commit = 'a'.repeat(40)
const expression = '{{ github.head_ref }}'
const workflow = ({
  head = 'permissions: {}',
  time = 'timeout-minutes: 5',
  step = `uses: owner/action@${commit} # v1.0.0`,
} = {}) => `on: push\n${head}\njobs:\n  one:\n    ${time}\n    steps:\n      - ${step}\n`
const check = (parts?: Parameters<typeof workflow>[0]) => checkWorkflow('a.yaml', workflow(parts))

it('accepts a workflow that pins, bounds and names what it needs', () => {
  expect(check()).toEqual([])
  expect(check({ step: 'run: scripts/deployment/publish-images.sh "$FOLDER"' })).toEqual([])
})

it.each([
  [
    'a tag',
    { step: 'uses: owner/action@v1' },
    'a.yaml: job "one": "owner/action@v1" has to be pinned by the 40 digits of a commit',
  ],
  ['a short commit', { step: 'uses: owner/action@aaaaaaa' }, 'has to be pinned by the 40 digits of a commit'],
  [
    'a commit without its version',
    { step: `uses: owner/action@${commit}` },
    'a.yaml:7: the comment with the version is missing',
  ],
  ['rights that it does not name', { head: 'name: one' }, '"permissions" is missing'],
  ['a job without an end', { time: 'runs-on: ubuntu-24.04' }, 'job "one" has no "timeout-minutes"'],
  ['an expression in a script', { step: `run: echo $${expression}` }, 'a script has an expression; pass it by "env"'],
  ['the rights of the target', { head: 'permissions: {}\nname: pull_request_target' }, '"pull_request_target" gives'],
])('refuses %s', (_, parts, problem) => {
  expect(check(parts).join('\n')).toContain(problem)
})
