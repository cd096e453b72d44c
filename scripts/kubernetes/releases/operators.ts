import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { certificateFolder, signCertificate } from '../control-plane/certificates.ts'
import { localImage } from '../images/system-images.ts'
import { findModuleFolder } from '../programs/go-module.ts'
import { runCommand } from '../run/command.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { versions } from '../versions.ts'
import { applyRelease, waitForDeployments } from './apply-release.ts'
import { adaptRelease } from './read-release.ts'

const namespace = 'rabbitmq-system'
/** Of the topology operator, which mounts it under this name. */
const certificateSecret = 'webhook-server-cert'

/** RabbitMQ's cluster operator, and its topology operator with its webhooks. */
export function operatorsStep(settings: Settings, kube: Kubectl): Step {
  return {
    name: 'operators of RabbitMQ',
    version: versionOf(versions.clusterOperator, versions.topologyOperator, 2),
    kept: 'state',
    isThere: async () => true,
    run: async (log) => {
      const find = (module: string, source: string) => findModuleFolder(settings, module, source, log)
      const cluster = await find('rabbitmq-cluster-operator', 'github.com/rabbitmq/cluster-operator/v2')
      const topology = await find('rabbitmq-topology-operator', 'github.com/rabbitmq/messaging-topology-operator/cmd')
      const objects = [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        ...withProgram(await render(settings, kube, cluster, ['crd', 'rbac', 'manager'], log), 'cluster-operator'),
        ...withProgram(await render(settings, kube, topology, ['default'], log), 'topology-operator'),
      ]
      await applyRelease(kube, await withCertificate(settings, objects, log), log)
      await waitForDeployments(kube, [namespace], log)
      return `cluster operator ${versions.clusterOperator}, topology operator ${versions.topologyOperator}`
    },
  }
}

/** Renders parts of the kustomization of an operator. Its folder is read-only, and kustomize needs one of our own beside its parts. */
async function render(
  settings: Settings,
  kube: Kubectl,
  folder: string,
  parts: readonly string[],
  log: string,
): Promise<KubernetesObject[]> {
  const copy = join(settings.state, 'operator')
  await rm(copy, { recursive: true, force: true })
  await cp(join(folder, 'config'), copy, { recursive: true })
  await runCommand('chmod', ['-R', 'u+w', copy], { log })
  await mkdir(join(copy, 'here'))
  const kustomization = { namespace, resources: parts.map((part) => `../${part}`) }
  await writeFile(join(copy, 'here/kustomization.yaml'), JSON.stringify(kustomization))
  const text = await kube.run(['kustomize', join(copy, 'here')], { log })
  await rm(copy, { recursive: true, force: true })
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)
  // Certificates are made by `withCertificate`.
  return objects.filter(({ apiVersion }) => !apiVersion.startsWith('cert-manager.io/'))
}

function withProgram(objects: readonly KubernetesObject[], program: string): KubernetesObject[] {
  return adaptRelease(objects, {}).map((object) => {
    if (object.kind !== 'Deployment') return object
    const [container] = object.spec.template.spec.containers
    Object.assign(container, { image: localImage(program), imagePullPolicy: 'Never', command: [`/app/${program}`] })
    return object
  })
}

/** Signs the certificate of the webhooks with the authority of the cluster. */
async function withCertificate(
  settings: Settings,
  objects: readonly KubernetesObject[],
  log: string,
): Promise<KubernetesObject[]> {
  const services = objects.filter(({ kind }) => kind === 'Service')
  const names = services.flatMap(({ metadata: { name } }) => [
    `DNS:${name}.${namespace}.svc`,
    `DNS:${name}.${namespace}.svc.cluster.local`,
  ])
  if (names.length === 0) return [...objects]
  const request = { name: 'webhooks', subject: '/CN=webhooks', extension: `subjectAltName=${names.join(',')}` }
  const { certificate, key } = await signCertificate(settings, request, log)
  const authority = await readFile(join(certificateFolder(settings), 'ca.crt'))
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: certificateSecret, namespace },
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  }
  for (const { kind, webhooks } of objects) {
    if (!kind.endsWith('WebhookConfiguration')) continue
    for (const webhook of webhooks) webhook.clientConfig.caBundle = authority.toString('base64')
  }
  return [...objects, secret]
}
