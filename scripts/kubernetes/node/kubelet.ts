import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { untilReady } from '../control-plane/api-server.ts'
import { certificateFolder, kubeconfigOf } from '../control-plane/certificates.ts'
import { isRunning, startDaemon, stopDaemons } from '../run/daemon.ts'
import type { Kubectl } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { socketOf } from './containerd.ts'
import { makeControlGroup } from './control-groups.ts'

/** The one node stands for all: one label for each kind of node of both clusters. */
export const nodeLabels = [
  'application',
  'async',
  'api-high-traffic',
  'api-low-traffic',
  'worker-storage',
  'worker-ai',
].map((workload) => `growbin.app/workload-${workload}=true`)

export function kubeletStep(settings: Settings, kube: Kubectl): Step {
  const kubelet = kubeletConfiguration(settings)
  const proxy = proxyConfiguration(settings)
  return {
    name: 'kubelet and kube-proxy',
    version: versionOf(kubelet, proxy, nodeLabels),
    kept: 'state',
    isThere: async () => (await isRunning(settings, 'kubelet')) && (await isRunning(settings, 'kube-proxy')),
    run: async (log) => {
      const { state, programs, node, nodeIp } = settings
      await stopDaemons(settings, ['kubelet', 'kube-proxy'])
      await makeControlGroup(settings)
      await mkdir(join(state, 'kubelet'), { recursive: true })
      // Pods with the DNS of their node, such as CoreDNS itself, have no server to ask: nothing beyond this machine can be reached.
      await writeFile(join(state, 'resolv.conf'), '')
      await writeFile(join(state, 'kubelet.json'), JSON.stringify(kubelet))
      await writeFile(join(state, 'kube-proxy.json'), JSON.stringify(proxy))
      await startDaemon(
        settings,
        'kubelet',
        [
          join(programs, 'kubelet'),
          `--config=${join(state, 'kubelet.json')}`,
          `--kubeconfig=${kubeconfigOf(settings, 'node')}`,
          `--root-dir=${join(state, 'kubelet')}`,
          `--cert-dir=${join(state, 'kubelet/pki')}`,
          `--hostname-override=${node}`,
          `--node-ip=${nodeIp}`,
        ],
        { network: 'node' },
      )
      await startDaemon(
        settings,
        'kube-proxy',
        [join(programs, 'kube-proxy'), `--config=${join(state, 'kube-proxy.json')}`],
        {
          network: 'node',
        },
      )
      await untilReady('the node', settings, 'kubelet', () =>
        kube.run(['wait', '--for=condition=Ready', `node/${node}`, '--timeout=5s'], { log }),
      )
      await kube.run(['label', '--overwrite', 'node', node, ...nodeLabels], { log })
      return `node "${node}" is ready`
    },
  }
}

const kubeletConfiguration = (settings: Settings) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: settings.nodeIp,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: join(certificateFolder(settings), 'ca.crt') },
  },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  // Its own parent, so that `down` finds each process of a pod, and none of another cluster.
  cgroupRoot: `/${settings.cgroup}`,
  cgroupsPerQOS: true,
  failCgroupV1: false,
  failSwapOn: false,
  clusterDomain: 'cluster.local',
  clusterDNS: [settings.dnsIp],
  resolvConf: join(settings.state, 'resolv.conf'),
  containerRuntimeEndpoint: `unix://${socketOf(settings)}`,
  podLogsDir: join(settings.state, 'pod-logs'),
  volumePluginDir: join(settings.state, 'kubelet/volume-plugins'),
  // The images cannot be pulled again.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  maxPods: 200,
  serializeImagePulls: false,
})

const proxyConfiguration = (settings: Settings) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: kubeconfigOf(settings, 'kube-proxy') },
  mode: 'iptables',
  clusterCIDR: settings.podCidr,
  hostnameOverride: settings.node,
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  metricsBindAddress: '127.0.0.1:10249',
})
