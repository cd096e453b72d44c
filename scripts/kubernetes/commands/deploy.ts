import { join } from 'node:path'
import { readOrCreateSecrets } from '../../local/platform/environment/secrets.ts'
import { configurationObjects } from '../product/configuration.ts'
import { gatewayAddress, gatewayStep } from '../product/gateway-step.ts'
import { imagesStep, readImages } from '../product/images-step.ts'
import { migrateStep } from '../product/migrate-step.ts'
import {
  brokerUrl,
  bucket,
  dataNamespace,
  functionNamespaces,
  messagingNamespace,
  ports,
  region,
} from '../product/names.ts'
import { outsideDirectory, outsideStep } from '../product/outside-step.ts'
import { readOrMakePasswords } from '../product/passwords.ts'
import { renderOverlay, withImages } from '../product/render-overlay.ts'
import { postgresDatabase, postgresUser, serverObjects } from '../product/servers.ts'
import { patchSettings } from '../releases/patch-settings.ts'
import type { KubernetesObject } from '../run/kubectl.ts'
import { runSteps } from '../run/run-steps.ts'
import type { Step } from '../run/step.ts'
import type { CommandContext } from './command-options.ts'

/** A step that is repeated at each deployment: applying what is there already changes nothing. */
const repeated = (name: string, run: Step['run']): Step => ({
  name,
  version: '',
  kept: 'never',
  isThere: async () => false,
  run,
})

/** Puts the product on the cluster, in the order in which its parts need each other. */
export async function deploy(
  context: CommandContext & { overlay: string; kubectl: string; kubeconfig: string },
): Promise<number> {
  const { settings, kube, repository, overlay, print, now } = context
  const passwords = () => readOrMakePasswords(join(settings.state, 'passwords.json'))
  const databaseUrl = async (address: string) =>
    `postgres://${postgresUser}:${(await passwords()).postgresql}@${address}/${postgresDatabase}`
  const rendered = (log: string) => renderOverlay(kube, repository, overlay, log)
  const wait = (log: string, namespace: string, what: string, seconds: number) =>
    kube.run(['-n', namespace, 'wait', '--for=condition=Ready', what, '--all', `--timeout=${seconds}s`], {
      log,
      timeoutMs: (seconds + 10) * 1000,
    })

  const steps: Step[] = [
    imagesStep(settings, repository),
    outsideStep(settings),
    repeated('PostgreSQL, Redis and RabbitMQ', async (log) => {
      await kube.apply(serverObjects(await passwords()), log)
      await kube.run(['-n', dataNamespace, 'rollout', 'status', 'statefulset/postgresql', '--timeout=240s'], {
        log,
        timeoutMs: 250_000,
      })
      await kube.run(['-n', dataNamespace, 'rollout', 'status', 'deployment/redis', '--timeout=240s'], {
        log,
        timeoutMs: 250_000,
      })
      // A Broker that is reconciled before RabbitMQ is ready waits longer after each attempt.
      const ready = [
        '-n',
        messagingNamespace,
        'wait',
        '--for=condition=AllReplicasReady',
        'rabbitmqcluster/rabbitmq',
        '--timeout=300s',
      ]
      await kube.run(ready, { log, timeoutMs: 310_000 })
      return undefined
    }),
    repeated('ConfigMaps and Secrets', async (log) => {
      const { functions } = await rendered(log)
      const secrets = await readOrCreateSecrets(outsideDirectory(settings))
      const objects = configurationObjects(functions, {
        services: {
          databaseUrl: await databaseUrl(`postgresql.${dataNamespace}.svc.cluster.local:5432`),
          redisUrl: `redis://:${(await passwords()).redis}@redis.${dataNamespace}.svc.cluster.local:6379`,
          objectStore: { endpoint: `http://${settings.hostIp}:${ports.objectStore}`, ...secrets.s3 },
          model: {
            baseUrl: `http://${settings.hostIp}:${ports.model}/v1`,
            apiKey: secrets.modelApiKey,
            name: 'vision',
          },
          maps: { url: `http://${settings.hostIp}:${ports.maps}`, restApiKey: secrets.kakaoRestApiKey },
          loginIssuers: issuers,
        },
        secrets,
        brokerUrl,
        publicBaseUrl: `http://${gatewayAddress(settings)}`,
        bucket,
        region,
      })
      await kube.apply(
        functions.filter(({ kind }) => kind === 'Namespace'),
        log,
      )
      await kube.apply(objects, log)
      return `${objects.length} objects`
    }),
    migrateStep({ kubectl: context.kubectl, kubeconfig: context.kubeconfig, url: databaseUrl }),
    repeated('settings of Serving', async (log) => {
      await patchSettings(kube, repository, log)
      // The node has the images of functions already, under the names of production.
      const data = { 'registries-skipping-tag-resolving': 'kind.local,ko.local,dev.local,ghcr.io' }
      const target = ['patch', 'configmap', '--namespace', 'knative-serving', 'config-deployment', '--type', 'merge']
      await kube.run([...target, '--patch', JSON.stringify({ data })], { log })
      return undefined
    }),
    repeated('brokers and triggers', async (log) => {
      const { messaging } = await rendered(log)
      await kube.apply(inMessagingOrder(messaging), log)
      await wait(log, messagingNamespace, 'broker', 300)
      await wait(log, messagingNamespace, 'trigger', 300)
      return `${messaging.length} objects`
    }),
    repeated('functions', async (log) => {
      const objects = withImages((await rendered(log)).functions, await readImages(settings))
      await kube.apply(objects, log)
      for (const namespace of functionNamespaces) await wait(log, namespace, 'ksvc', 600)
      return `${objects.filter(({ apiVersion }) => apiVersion === 'serving.knative.dev/v1').length} functions`
    }),
    gatewayStep(settings, kube, async () => {
      const { functions } = await rendered(join(settings.logs, 'load-balancer.log'))
      const ingress = functions.find(({ kind }) => kind === 'Ingress')
      if (!ingress) throw new Error(`The overlay "${overlay}" has no Ingress`)
      return ingress
    }),
  ]
  await runSteps(steps, { settings, command: './scripts/cluster deploy', print, now })
  print(
    `The API is at http://${gatewayAddress(settings)}: ./scripts/demo --base-url http://${gatewayAddress(settings)}`,
  )
  return 0
}

const issuers = {
  kakao: `http://127.0.0.1:${ports.kakao}`,
  naver: `http://127.0.0.1:${ports.naver}`,
  google: `http://127.0.0.1:${ports.google}`,
}

/** Namespaces first; a cron source before its function is there only waits for it. */
const inMessagingOrder = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.toSorted((one, other) => Number(other.kind === 'Namespace') - Number(one.kind === 'Namespace'))
