import { localImage } from '../images/system-images.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

/** The name of this machine in the cluster, where simulators and object store are. */
export const hostName = 'host.growbin.internal'

export function dnsStep(settings: Settings, kube: Kubectl): Step {
  const objects = dnsObjects(settings)
  return {
    name: 'DNS',
    version: versionOf(objects),
    kept: 'state',
    isThere: async () => true,
    run: async (log) => {
      await kube.apply(objects, log)
      const rollout = ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=180s']
      await kube.run(rollout, { log, timeoutMs: 190_000 })
      return undefined
    },
  }
}

const corefile = ({ hostIp }: Settings) => `.:53 {
  errors
  health :8080
  ready :8181
  kubernetes cluster.local in-addr.arpa
  hosts {
    ${hostIp} ${hostName}
    fallthrough
  }
  cache 5
}
`

function dnsObjects(settings: Settings): KubernetesObject[] {
  const metadata = { name: 'coredns', namespace: 'kube-system' }
  const labels = { 'k8s-app': 'kube-dns' }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(settings) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            dnsPolicy: 'Default',
            containers: [
              {
                name: 'coredns',
                image: localImage('coredns'),
                imagePullPolicy: 'Never',
                args: ['-conf', '/etc/coredns/Corefile'],
                // Port 53 of the pod's own network.
                securityContext: { runAsUser: 0 },
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: {
        clusterIP: settings.dnsIp,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ]
}
