import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

test('each command is known, with its options', () => {
  expect(parseArguments(['up'])).toEqual({ command: 'up', overlay: 'one-machine' })
  expect(parseArguments(['deploy', '--overlay', 'nine-node', '--kubeconfig', 'f'])).toEqual({
    command: 'deploy',
    overlay: 'nine-node',
    kubeconfig: 'f',
  })
  expect(parseArguments(['test', '--only', 'cold'])).toEqual({ command: 'test', overlay: 'one-machine', only: 'cold' })
  expect(parseArguments(['--help'])).toEqual({ command: 'help' })
})

test('what is no command or option is refused with the usage', () => {
  for (const args of [[], ['start'], ['up', 'down'], ['up', '--fast']]) {
    expect(() => parseArguments(args)).toThrow('Usage: ./scripts/cluster COMMAND')
  }
})

test('another cluster is neither started nor removed', () => {
  for (const command of ['build', 'up', 'down']) {
    expect(() => parseArguments([command, '--kubeconfig', 'f'])).toThrow(
      `"${command}" is for the cluster on this machine`,
    )
  }
})
