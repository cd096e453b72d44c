import type { PodLoad } from './pod-load.ts'

/** Names of the places in `scripts/config/nodes.json`. */
export type PlaceName = 'control' | 'monitoring' | 'entry'

type SystemPod = Omit<PodLoad, 'count' | 'place'> & { count: number; place: PlaceName | 'every node' }

const pod = (
  name: string,
  place: SystemPod['place'],
  [cpuMillis, memoryMiB, memoryLimitMiB]: readonly [number, number, number],
  count = 1,
): SystemPod => ({ name, place, count, cpuMillis, memoryMiB, memoryLimitMiB })

/**
 * Pods that are not ours, with CPU (m), requested memory and the most memory that is expected (MiB). Requests of memory are those of the
 * releases, or estimates where a release has none; what is expected is estimated, since limits of releases are many times the
 * request (Kourier: 800 for 200). The 30 m of a controller are less than its release's 100 to 200 m, which no node of two
 * cores has for all of them: these requests and places are what an installation has to set.
 */
export const systemPods: readonly SystemPod[] = [
  pod('calico-node and kube-proxy', 'every node', [250, 160, 200]),
  pod('API server, etcd, controller manager, scheduler', 'control', [650, 1000, 1150]),
  pod('CoreDNS', 'control', [100, 70, 100], 2),
  pod('metrics-server', 'control', [30, 100, 130]),
  pod('autoscaler', 'control', [30, 100, 120]),
  pod('controller of Serving', 'control', [30, 100, 120]),
  pod('webhook of Serving', 'control', [30, 100, 120]),
  pod('net-kourier-controller', 'control', [30, 200, 220]),
  pod('controller of Eventing', 'control', [30, 100, 120]),
  pod('webhook of Eventing', 'control', [30, 50, 60]),
  pod('PingSource adapter', 'control', [30, 64, 80]),
  pod('controller and webhook of the RabbitMQ broker', 'control', [50, 120, 150]),
  pod('operators of RabbitMQ and PostgreSQL', 'control', [90, 300, 350]),
  pod('Argo CD', 'control', [100, 600, 700]),
  pod('activator', 'entry', [300, 60, 150]),
  pod('Kourier', 'entry', [200, 200, 300]),
  pod('Prometheus, Grafana, Alertmanager', 'monitoring', [270, 1280, 1600]),
]
