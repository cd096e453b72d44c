import { join } from 'node:path'
import { isRunning, listDaemons } from '../run/daemon.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { describePod, describeReadiness } from '../status/pod-problems.ts'
import type { CommandContext } from './command-options.ts'

const kinds = [
  ['Services', 'services.serving.knative.dev'],
  ['Brokers', 'brokers.eventing.knative.dev'],
  ['Triggers', 'triggers.eventing.knative.dev'],
  ['Cron sources', 'pingsources.sources.knative.dev'],
] as const

/** Says what runs and what is wrong; resolves to 1 when something is. */
export async function status({ settings, kube, print, local }: CommandContext & { local: boolean }): Promise<number> {
  const log = join(settings.logs, 'status.log')
  let problems = 0
  const report = (title: string, total: number, wrong: readonly string[]) => {
    problems += wrong.length
    print(`${title}: ${total - wrong.length} of ${total} ready`)
    for (const line of wrong) print(`  ${line}`)
  }
  if (local) {
    const names = await listDaemons(settings)
    const running = await Promise.all(names.map((name) => isRunning(settings, name)))
    report(
      'Programs of this machine',
      names.length,
      names.filter((_, index) => !running[index]).map((name) => `"${name}" has ended; see daemon-${name}.log`),
    )
  }
  const version = await kube.run(['get', '--raw', '/readyz'], { log, timeoutMs: 10_000 }).catch((error: Error) => error)
  if (version instanceof Error) {
    print(`The API server does not answer: ${version.message}`)
    print(local ? 'Start the cluster by "./scripts/cluster up".' : 'Is the kubeconfig right?')
    return 1
  }
  const pods = await kube.get(['pods', '--all-namespaces'], log)
  report(
    'Pods',
    pods.length,
    pods.flatMap((pod) => sentence(pod, describePod(pod))),
  )
  for (const [title, kind] of kinds) {
    const objects = await find(kube, kind, log)
    if (!objects) print(`${title}: this cluster does not know the kind "${kind}"; Knative is not installed`)
    else
      report(
        title,
        objects.length,
        objects.flatMap((object) => sentence(object, describeReadiness(object))),
      )
  }
  print(problems === 0 ? 'Nothing is wrong.' : `${problems} things are not ready.`)
  return problems === 0 ? 0 : 1
}

const sentence = ({ metadata }: KubernetesObject, problem: string | undefined): string[] =>
  problem === undefined ? [] : [`${metadata.namespace}/${metadata.name}: ${problem}`]

const find = (kube: Kubectl, kind: string, log: string): Promise<KubernetesObject[] | undefined> =>
  kube.get([kind, '--all-namespaces'], log).catch(() => undefined)
