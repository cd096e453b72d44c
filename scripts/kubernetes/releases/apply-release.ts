import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { inOrder } from './read-release.ts'

const readyTimeoutSeconds = 300

export async function applyRelease(kube: Kubectl, objects: readonly KubernetesObject[], log: string): Promise<void> {
  for (const group of inOrder(objects)) {
    await kube.apply(group, log)
    if (group[0]?.kind !== 'CustomResourceDefinition') continue
    const names = group.map(({ metadata }) => `crd/${metadata.name}`)
    const wait = ['wait', '--for=condition=Established', '--timeout=60s', ...names]
    await kube.run(wait, { log, timeoutMs: 90_000 })
  }
}

/** Waits until every Deployment of these namespaces is available. */
export async function waitForDeployments(kube: Kubectl, namespaces: readonly string[], log: string): Promise<void> {
  for (const namespace of namespaces) {
    const timeout = `--timeout=${readyTimeoutSeconds}s`
    const wait = ['-n', namespace, 'wait', '--for=condition=Available', 'deployment', '--all', timeout]
    await kube.run(wait, { log, timeoutMs: (readyTimeoutSeconds + 10) * 1000 })
  }
}
