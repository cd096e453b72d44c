import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import config from '../../config/nodes.json' with { type: 'json' }
import { formatMarkdownTable } from '../../lib/format-table.ts'
import { replaceTable } from '../catalogue/document-table.ts'
import { resolveKustomization } from '../read/resolve-kustomization.ts'
import { readDataPods } from './data-pods.ts'
import { findFitProblems, type Node, type NodeFit, placePods } from './fit.ts'
import { podsOf, readSidecar } from './overlay-pods.ts'
import type { PodLoad } from './pod-load.ts'
import { type PlaceName, systemPods } from './system-pods.ts'

export type Cluster = { name: string; nodes: Node[]; pods: PodLoad[] }

const begin =
  '<!-- fit: generated from the overlays and scripts/config/nodes.json by "npm run manifests"; change the source, not these tables -->'
const end = '<!-- end of fit -->'

type ClusterConfig = {
  nodes: { name: string; instance: string; workload: string; tainted: boolean }[]
  places: Record<PlaceName, string>
}

/** The clusters of `scripts/config/nodes.json`, each with the pods of its overlays and of what it runs beside them. */
export async function loadClusters(repository: string): Promise<Cluster[]> {
  const settings = await readFile(join(repository, 'knative/serving/config-deployment.patch.yaml'), 'utf8')
  const sidecar = readSidecar(parse(settings))
  const clusters: [string, ClusterConfig][] = Object.entries(config.clusters)
  return Promise.all(
    clusters.map(async ([name, { nodes, places }]) => {
      const parts = ['knative', 'eventing'].map((part) => resolveKustomization(repository, `${part}/overlays/${name}`))
      const resources = (await Promise.all(parts)).flat()
      const system = systemPods.map(
        ({ count, place, ...pod }): PodLoad => ({
          ...pod,
          count: { min: count, max: count },
          place: place === 'every node' ? place : { workload: places[place] },
        }),
      )
      return {
        name,
        nodes: nodes.map(toNode),
        pods: [...system, ...(await readDataPods(repository, name)), ...podsOf(resources, sidecar)],
      }
    }),
  )
}

function toNode({ name, instance, workload, tainted }: ClusterConfig['nodes'][number]): Node {
  const sizes: Record<string, { cpuMillis: number; memoryMiB: number }> = config.allocatable
  const size = sizes[instance]
  if (!size) throw new Error(`"${name}" is a "${instance}", which scripts/config/nodes.json has no size of`)
  return { name, workload, tainted, ...size }
}

/** Every problem of every cluster. */
export const findClusterProblems = (clusters: readonly Cluster[]): string[] =>
  clusters.flatMap(({ name, nodes, pods }) => findFitProblems(name, nodes, pods))

/** The document with the tables of fit between their markers. */
export const withFit = (document: string, clusters: readonly Cluster[]): string =>
  replaceTable(document, begin, end, clusters.map(renderCluster).join('\n\n'))

function renderCluster({ name, nodes, pods }: Cluster): string {
  const heading = ['', 'Pods, min / max', 'CPU min', 'CPU max', 'of', 'Memory min', 'Memory max', 'Limits min', 'of']
  const atMax = placePods(nodes, pods, 'max').fits
  const rows = placePods(nodes, pods, 'min').fits.map((min, index) => {
    const max = atMax[index] as NodeFit
    return [
      `\`${min.node.name}\``,
      `${min.pods} / ${max.pods}`,
      `${min.cpuMillis} m`,
      `${max.cpuMillis} m`,
      `${min.node.cpuMillis} m`,
      `${min.memoryMiB} MiB`,
      `${max.memoryMiB} MiB`,
      `${min.memoryLimitMiB} MiB`,
      `${min.node.memoryMiB} MiB`,
    ]
  })
  return formatMarkdownTable([`${name}: node`, ...heading.slice(1)], rows)
}
