import type { PodLoad } from './pod-load.ts'

export type Node = { name: string; workload: string; tainted: boolean; cpuMillis: number; memoryMiB: number }
export type Scale = 'min' | 'max'
/** What the pods on a node request, and the sum of their memory limits. */
export type NodeFit = { node: Node; pods: number; cpuMillis: number; memoryMiB: number; memoryLimitMiB: number }

/**
 * Puts every pod on a node. First what always runs: pods with a place, then those without, the largest first, each on the node with the
 * most free memory, as the scheduler's preference for the least allocated node does; they stay there when functions grow to
 * the given scale. Pods for which no node exists are returned by name.
 */
export function placePods(nodes: readonly Node[], pods: readonly PodLoad[], scale: Scale) {
  const fits = nodes.map((node): NodeFit => ({ node, pods: 0, cpuMillis: 0, memoryMiB: 0, memoryLimitMiB: 0 }))
  const unplaced = new Set<string>()
  const put = (fit: NodeFit | undefined, pod: PodLoad) => {
    if (!fit) return unplaced.add(pod.name)
    fit.pods += 1
    fit.cpuMillis += pod.cpuMillis
    fit.memoryMiB += pod.memoryMiB
    fit.memoryLimitMiB += pod.memoryLimitMiB
  }
  const putEach = (pod: PodLoad, count: number) => {
    for (let each = 0; each < count; each += 1) put(leastAllocated(fits.filter(({ node }) => mayRun(pod, node))), pod)
  }
  const placed = pods.filter(({ place }) => typeof place === 'object')
  const floating = pods.filter(({ place }) => place === 'untainted')

  for (const pod of pods.filter(({ place }) => place === 'every node')) for (const fit of fits) put(fit, pod)
  for (const pod of placed) putEach(pod, pod.count.min)
  for (const pod of floating.sort((one, other) => other.memoryMiB - one.memoryMiB)) putEach(pod, pod.count.min)
  if (scale === 'max') for (const pod of placed) putEach(pod, pod.count.max - pod.count.min)
  return { fits, unplaced: [...unplaced] }
}

/**
 * Nodes that are over at some scale, pods without a node, and nodes whose pods, at minimum scale, may together use more memory
 * than there is: what always runs must be able to reach its limits at once. Above minimum scale the kubelet evicts first what
 * uses more than it requested.
 */
export function findFitProblems(cluster: string, nodes: readonly Node[], pods: readonly PodLoad[]): string[] {
  const scales = ['min', 'max'] as const
  const atScale = scales.flatMap((scale) => {
    const { fits, unplaced } = placePods(nodes, pods, scale)
    const at = `${cluster} at ${scale}imum scale`
    return [
      ...unplaced.map((name) => `${at}: "${name}" has no node to run on`),
      ...fits
        .filter(({ node, cpuMillis }) => cpuMillis > node.cpuMillis)
        .map(({ node, cpuMillis }) => `${at}: "${node.name}" is asked for ${cpuMillis} m of ${node.cpuMillis} m`),
      ...fits
        .filter(({ node, memoryMiB }) => memoryMiB > node.memoryMiB)
        .map(({ node, memoryMiB }) => `${at}: "${node.name}" is asked for ${memoryMiB} MiB of ${node.memoryMiB} MiB`),
    ]
  })
  const overLimits = placePods(nodes, pods, 'min')
    .fits.filter(({ node, memoryLimitMiB }) => memoryLimitMiB > node.memoryMiB)
    .map(
      ({ node, memoryLimitMiB }) =>
        `${cluster} at minimum scale: the limits of "${node.name}" are ${memoryLimitMiB} MiB of ${node.memoryMiB} MiB, so it may run out of memory`,
    )
  return [...atScale, ...overLimits]
}

const mayRun = ({ place }: PodLoad, { workload, tainted }: Node): boolean =>
  typeof place === 'object' ? place.workload === workload : !tainted

/** By memory, and by name among equals. */
const leastAllocated = (fits: readonly NodeFit[]): NodeFit | undefined =>
  [...fits].sort((one, other) => free(other) - free(one) || one.node.name.localeCompare(other.node.name, 'en'))[0]

const free = ({ node, memoryMiB }: NodeFit): number => node.memoryMiB - memoryMiB
