import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { findModuleFolder } from '../programs/go-module.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { versions } from '../versions.ts'
import { applyRelease, waitForDeployments } from './apply-release.ts'
import { patchSettings } from './patch-settings.ts'
import { adaptRelease, readRelease } from './read-release.ts'

const images = {
  ...Object.fromEntries(
    ['activator', 'autoscaler', 'controller', 'queue', 'webhook'].map((name) => [
      `ko://knative.dev/serving/cmd/${name}`,
      `serving-${name}`,
    ]),
  ),
  'ko://knative.dev/net-kourier/cmd/kourier': 'kourier',
  'docker.io/envoyproxy/envoy': 'envoy',
}

/** Knative Serving with Kourier, with the settings of this repository. */
export function servingStep(settings: Settings, kube: Kubectl, repository: string): Step {
  return {
    name: 'Knative Serving and Kourier',
    version: versionOf(versions.serving, versions.netKourier, 2),
    kept: 'state',
    isThere: async () => true,
    run: async (log) => {
      const objects = adaptRelease(await readServing(settings, log), images).map(withEnvoyOfImage)
      await applyRelease(kube, objects, log)
      await waitForDeployments(kube, ['knative-serving'], log)
      await patchSettings(kube, repository, log)
      await waitForDeployments(kube, ['knative-serving', 'kourier-system'], log)
      return `${versions.serving} with net-kourier ${versions.netKourier}`
    },
  }
}

async function readServing(settings: Settings, log: string): Promise<KubernetesObject[]> {
  const find = (module: string, source: string) => findModuleFolder(settings, module, source, log)
  const core = join(await find('knative', 'knative.dev/serving/cmd/controller'), 'config/core')
  const networking = join(await find('knative', 'knative.dev/networking/pkg/apis/networking'), 'config')
  const caching = join(await find('knative', 'knative.dev/caching/pkg/apis/caching'), 'config')
  const kourier = join(await find('rabbitmq-broker', 'knative.dev/net-kourier/cmd/kourier'), 'config')
  const files = [
    // Those of networking and caching are symbolic links in the repository of Serving, which an archive of a module does not hold.
    ...['certificate', 'domain-claim', 'ingress', 'serverlessservice'].map((name) => join(networking, `${name}.yaml`)),
    join(caching, 'image.yaml'),
    join(networking, 'config-network.yaml'),
  ]
  for await (const file of glob('{,200-roles/,300-resources/,configmaps/,deployments/,webhooks/}*.yaml', {
    cwd: core,
  })) {
    // Scaling by CPU needs a metrics server, which one node does not have; the image cache has nothing to do here.
    if (!/-hpa\.yaml$|999-cache/.test(file)) files.push(join(core, file))
  }
  for await (const file of glob('*.yaml', { cwd: kourier })) files.push(join(kourier, file))
  const objects = await readRelease(files.sort())
  return objects.filter(({ kind }) => kind !== 'HorizontalPodAutoscaler' && kind !== 'PodDisruptionBudget')
}

/** Our image has Envoy where every image of this cluster has its program. */
const withEnvoyOfImage = (object: KubernetesObject): KubernetesObject =>
  JSON.parse(JSON.stringify(object).replaceAll('/usr/local/bin/envoy', '/app/envoy')) as KubernetesObject
