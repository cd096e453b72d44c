import { type CommandOptions, runCommand } from './command.ts'

export type KubernetesObject = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    [field: string]: unknown
  }
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind; each reader knows its own.
  [field: string]: any
}

export type Kubectl = {
  run: (args: readonly string[], options: CommandOptions) => Promise<string>
  /** Applies on the server's side, so that fields that others own stay, and repeats agree. */
  apply: (objects: readonly KubernetesObject[], log: string) => Promise<void>
  get: (args: readonly string[], log: string) => Promise<KubernetesObject[]>
}

const applyTimeoutMs = 180_000

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  const run: Kubectl['run'] = (args, options) =>
    runCommand(program, [...args], { ...options, environment: { ...options.environment, KUBECONFIG: kubeconfig } })
  return {
    run,
    apply: async (objects, log) => {
      if (objects.length === 0) return
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=growbin-cluster', '-f', '-']
      await run(args, { log, input, timeoutMs: applyTimeoutMs })
    },
    get: async (args, log) => {
      // Not into the log: the answer may be long, and hold secrets.
      const answer = JSON.parse(await run(['get', '-o', 'json', ...args], { log, quiet: true })) as {
        items?: KubernetesObject[]
      }
      return answer.items ?? [answer as unknown as KubernetesObject]
    },
  }
}
