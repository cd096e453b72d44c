import { parseArgs } from 'node:util'

export const usage = `Usage: ./scripts/cluster COMMAND [options]

A real Kubernetes cluster with Knative on this machine: Linux, root, 2 cores, 16 GiB. Everything comes from package registries.

  build               only build the programs; starts nothing, may run ahead of up
  up                  build what is needed, start the cluster with Serving, Eventing, the RabbitMQ broker and its operators
  deploy              put the product on it: images, PostgreSQL, Redis, RabbitMQ, secrets, migrations, functions, triggers
  test                run the tests of the cluster
  status              say what runs and what is wrong
  down                remove the cluster; what was built stays in the cache folder

  --kubeconfig FILE   deploy, test and status: another cluster instead of the one on this machine
  --overlay NAME      deploy: of knative/overlays and eventing/overlays (one-machine)
  --only TEXT         test: only tests whose name holds this text
  --help              this text

Every step that is done is skipped, so a command that failed goes on where it stopped. Programs, images and build caches are in
the folder GROWBIN_CLUSTER_CACHE (.local/cluster).`

export const commands = ['build', 'up', 'deploy', 'test', 'status', 'down'] as const
export type Command = (typeof commands)[number]

export type Arguments = { command: Command; kubeconfig?: string; overlay: string; only?: string } | { command: 'help' }

/** Throws with the usage for anything that is not a command with its options. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args)
  if (values.help) return { command: 'help' }
  const [name, ...rest] = positionals
  const command = commands.find((each) => each === name)
  if (!command || rest.length > 0) {
    const found = positionals.join(' ') || 'nothing'
    throw new Error(`Expected one of ${commands.join(', ')}; found ${found}.\n\n${usage}`)
  }
  if (values.kubeconfig && ['build', 'up', 'down'].includes(command)) {
    throw new Error(`"${command}" is for the cluster on this machine; "--kubeconfig" is for deploy, test and status.`)
  }
  return {
    command,
    overlay: values.overlay,
    ...(values.kubeconfig && { kubeconfig: values.kubeconfig }),
    ...(values.only && { only: values.only }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        kubeconfig: { type: 'string' },
        overlay: { type: 'string', default: 'one-machine' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`)
  }
}
