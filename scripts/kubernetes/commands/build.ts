import { nodeProgramSteps, systemProgramSteps } from '../programs/program-steps.ts'
import { runSteps } from '../run/run-steps.ts'
import type { CommandContext } from './command-options.ts'
import { needRoot } from './need-root.ts'

/** What takes longest, ahead of `up`. Nothing is started. */
export async function build({ settings, repository, print, now }: CommandContext): Promise<number> {
  needRoot()
  const steps = [...nodeProgramSteps(settings, repository), ...systemProgramSteps(settings)]
  await runSteps(steps, { settings, command: './scripts/cluster build', print, now })
  return 0
}
