import { join, resolve } from 'node:path'
import { repositoryRoot } from '../lib/repository-root.ts'

/** Where everything of the cluster is, and its addresses. Fixed for one cache folder, so that each command finds the same cluster. */
export type Settings = {
  /** Programs, images and build caches: kept by `down`. */
  cache: string
  programs: string
  images: string
  builds: string
  /** What the running cluster has made: removed by `down`. */
  state: string
  logs: string
  kubeconfig: string
  /** Name of the node, of its network namespace, and prefix of its interface: at most 10 characters. */
  node: string
  /** This machine, as the node reaches it. */
  hostIp: string
  /** The node, as this machine reaches it. */
  nodeIp: string
  podCidr: string
  serviceCidr: string
  apiServiceIp: string
  dnsIp: string
  /** Parent of the control groups of all pods. */
  cgroup: string
}

export function createSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const cache = resolve(environment.GROWBIN_CLUSTER_CACHE ?? join(repositoryRoot, '.local/cluster'))
  const state = join(cache, 'state')
  return {
    cache,
    programs: join(cache, 'programs'),
    images: join(cache, 'images'),
    builds: join(cache, 'builds'),
    state,
    logs: join(cache, 'logs'),
    kubeconfig: join(state, 'admin.kubeconfig'),
    node: 'growbin',
    // Within the ranges that functions take for those of proxies of production (TRUSTED_PROXIES): the network of nodes, and of pods.
    hostIp: '10.0.222.1',
    nodeIp: '10.0.222.2',
    podCidr: '192.168.222.0/24',
    serviceCidr: '10.96.0.0/16',
    apiServiceIp: '10.96.0.1',
    dnsIp: '10.96.0.10',
    cgroup: 'growbin',
  }
}
