import { join, resolve } from 'node:path'
import { repositoryRoot } from '../lib/repository-root.ts'
import { type Arguments, parseArguments, usage } from './arguments.ts'
import { build } from './commands/build.ts'
import { deploy } from './commands/deploy.ts'
import { down } from './commands/down.ts'
import { status } from './commands/status.ts'
import { test } from './commands/test.ts'
import { up } from './commands/up.ts'
import { createKubectl } from './run/kubectl.ts'
import { createSettings } from './settings.ts'

async function main(args: Arguments): Promise<number> {
  if (args.command === 'help') {
    console.log(usage)
    return 0
  }
  const settings = createSettings(process.env)
  const kubeconfig = args.kubeconfig ? resolve(args.kubeconfig) : settings.kubeconfig
  const kubectl = join(settings.programs, 'kubectl')
  const kube = createKubectl(kubectl, kubeconfig)
  const print = (line: string) => console.log(line)
  const options = { settings, kube, repository: repositoryRoot, print, now: () => new Date() }
  switch (args.command) {
    case 'build':
      return build(options)
    case 'up':
      return up(options)
    case 'down':
      return down(options)
    case 'deploy':
      return deploy({ ...options, overlay: args.overlay, kubectl, kubeconfig })
    case 'status':
      return status({ ...options, local: args.kubeconfig === undefined })
    case 'test':
      return test({ ...options, ...(args.only && { only: args.only }) })
  }
}

try {
  process.exitCode = await main(parseArguments(process.argv.slice(2)))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
