import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import { isRunning, startDaemon, stopDaemons } from '../run/daemon.ts'
import type { Kubectl } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { certificateFolder, kubeconfigOf } from './certificates.ts'

const startTimeoutMs = 240_000
const daemons = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/** etcd, the API server, the controller manager and the scheduler. */
export function controlPlaneStep(settings: Settings, kube: Kubectl): Step {
  const cwd = certificateFolder(settings)
  const start = (name: string, command: readonly [string, ...string[]]) =>
    startDaemon(settings, name, command, { network: 'node', cwd })
  return {
    name: 'control plane',
    version: versionOf(apiServerArguments(settings), controllerManagerArguments(settings), 2),
    kept: 'state',
    isThere: async () => (await Promise.all(daemons.map((name) => isRunning(settings, name)))).every(Boolean),
    run: async (log) => {
      await stopDaemons(settings, daemons.toReversed())
      await start('etcd', ['etcd', ...etcdArguments(settings)])
      await start('kube-apiserver', [join(settings.programs, 'kube-apiserver'), ...apiServerArguments(settings)])
      await untilReady('the API server', settings, 'kube-apiserver', () =>
        kube.run(['get', '--raw', '/readyz'], { log }),
      )
      await start('kube-controller-manager', [
        join(settings.programs, 'kube-controller-manager'),
        ...controllerManagerArguments(settings),
      ])
      await start('kube-scheduler', [
        join(settings.programs, 'kube-scheduler'),
        `--kubeconfig=${settings.kubeconfig}`,
        '--leader-elect=false',
        '--bind-address=127.0.0.1',
      ])
      await untilReady('the controller manager', settings, 'kube-controller-manager', () =>
        kube.run(['get', 'serviceaccount', 'default'], { log }),
      )
      const version = JSON.parse(await kube.run(['version', '-o', 'json'], { log })) as {
        serverVersion: { gitVersion: string }
      }
      return `Kubernetes ${version.serverVersion.gitVersion}`
    },
  }
}

/** Asks until it succeeds; gives up when the program has ended, or after four minutes. */
export async function untilReady(
  what: string,
  settings: Settings,
  daemon: string,
  ask: () => Promise<unknown>,
): Promise<void> {
  const giveUpAtMs = performance.now() + startTimeoutMs
  for (;;) {
    try {
      await ask()
      return
    } catch (cause) {
      if (!(await isRunning(settings, daemon)))
        throw new Error(`${what} ended; its log is "daemon-${daemon}.log"`, { cause })
      if (performance.now() > giveUpAtMs)
        throw new Error(`${what} was not ready within ${startTimeoutMs / 1000} s`, { cause })
    }
    await pause(500)
  }
}

const etcdArguments = ({ state }: Settings) => [
  `--data-dir=${join(state, 'etcd')}`,
  '--listen-client-urls=http://127.0.0.1:2379',
  '--advertise-client-urls=http://127.0.0.1:2379',
  '--listen-peer-urls=http://127.0.0.1:2380',
  '--initial-advertise-peer-urls=http://127.0.0.1:2380',
  '--initial-cluster=default=http://127.0.0.1:2380',
  // A cluster of tests, which is made again: it need not survive a loss of power.
  '--unsafe-no-fsync',
]

const apiServerArguments = ({ nodeIp, serviceCidr }: Settings) => [
  '--etcd-servers=http://127.0.0.1:2379',
  '--bind-address=0.0.0.0',
  `--advertise-address=${nodeIp}`,
  '--secure-port=6443',
  '--tls-cert-file=api.crt',
  '--tls-private-key-file=api.key',
  '--client-ca-file=ca.crt',
  '--token-auth-file=tokens.csv',
  '--service-account-key-file=accounts.pub',
  '--service-account-signing-key-file=accounts.key',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--kubelet-client-certificate=kubelet-client.crt',
  '--kubelet-client-key=kubelet-client.key',
  '--kubelet-preferred-address-types=InternalIP',
  `--service-cluster-ip-range=${serviceCidr}`,
  '--service-node-port-range=30000-32767',
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  '--allow-privileged=true',
  // etcd 3.4 of the distribution cannot serve it.
  '--feature-gates=WatchList=false',
]

const controllerManagerArguments = (settings: Settings) => [
  `--kubeconfig=${kubeconfigOf(settings, 'admin')}`,
  '--leader-elect=false',
  '--service-account-private-key-file=accounts.key',
  '--root-ca-file=ca.crt',
  '--use-service-account-credentials=false',
  '--bind-address=127.0.0.1',
]
