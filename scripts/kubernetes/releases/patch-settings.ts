import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Kubectl } from '../run/kubectl.ts'

/** Puts the settings of `knative/serving` into the release's ConfigMaps, as its README says; may be repeated. */
export async function patchSettings(kube: Kubectl, repository: string, log: string): Promise<void> {
  for await (const file of glob('*.patch.yaml', { cwd: join(repository, 'knative/serving') })) {
    const name = basename(file, '.patch.yaml')
    if (!name.startsWith('config-')) continue
    const target = ['patch', 'configmap', '--namespace', 'knative-serving', name, '--type', 'merge']
    await kube.run([...target, '--patch-file', join(repository, 'knative/serving', file)], { log })
  }
}
