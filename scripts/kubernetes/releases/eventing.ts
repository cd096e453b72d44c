import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { findModuleFolder } from '../programs/go-module.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { versions } from '../versions.ts'
import { applyRelease, waitForDeployments } from './apply-release.ts'
import { adaptRelease, readRelease } from './read-release.ts'

const images = {
  'ko://knative.dev/eventing/cmd/controller': 'eventing-controller',
  'ko://knative.dev/eventing/cmd/webhook': 'eventing-webhook',
  'ko://knative.dev/eventing/cmd/mtping': 'mtping',
  'ko://knative.dev/eventing-rabbitmq/cmd/controller/broker': 'rabbitmq-broker-controller',
  'ko://knative.dev/eventing-rabbitmq/cmd/webhook/broker': 'rabbitmq-broker-webhook',
  'ko://knative.dev/eventing-rabbitmq/cmd/ingress': 'rabbitmq-ingress',
  'ko://knative.dev/eventing-rabbitmq/cmd/dispatcher': 'rabbitmq-dispatcher',
}

/** Sinks that run as jobs, and request-reply, are used by nothing here. */
const unused = /job-sink|request-reply|-hpa\.yaml$/

/** Knative Eventing with the RabbitMQ broker. */
export function eventingStep(settings: Settings, kube: Kubectl): Step {
  return {
    name: 'Knative Eventing and the RabbitMQ broker',
    version: versionOf(versions.eventing, versions.eventingRabbitmq, 2),
    kept: 'state',
    isThere: async () => true,
    run: async (log) => {
      const objects = adaptRelease(await readEventing(settings, log), images)
      await applyRelease(kube, [...objects, ...imageLists], log)
      await waitForDeployments(kube, ['knative-eventing'], log)
      return `${versions.eventing} with eventing-rabbitmq ${versions.eventingRabbitmq}`
    },
  }
}

async function readEventing(settings: Settings, log: string): Promise<KubernetesObject[]> {
  const core = join(
    await findModuleFolder(settings, 'knative', 'knative.dev/eventing/cmd/controller', log),
    'config/core',
  )
  const source = 'knative.dev/eventing-rabbitmq/cmd/ingress'
  const broker = join(await findModuleFolder(settings, 'rabbitmq-broker', source, log), 'config/broker')
  const files: string[] = []
  for await (const file of glob('{,resources/,roles/,configmaps/,deployments/,webhooks/}*.yaml', { cwd: core })) {
    if (!unused.test(file) || file.startsWith('resources/')) files.push(join(core, file))
  }
  for await (const file of glob('*.yaml', { cwd: broker })) files.push(join(broker, file))
  return readRelease(files.sort())
}

const integrations = [
  ...['timer', 'aws-s3', 'aws-sqs', 'aws-ddb-streams'].map((name) => `${name}-source`),
  ...['log', 'aws-s3', 'aws-sqs', 'aws-sns'].map((name) => `${name}-sink`),
]

/** The release makes these when it is built, and its controller does not start without them; nothing here uses an image of them. */
const imageLists: KubernetesObject[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'eventing-transformations-images', namespace: 'knative-eventing' },
    data: { 'transform-jsonata': 'none' },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'eventing-integrations-images', namespace: 'knative-eventing' },
    data: Object.fromEntries(integrations.map((name) => [name, 'none'])),
  },
]
