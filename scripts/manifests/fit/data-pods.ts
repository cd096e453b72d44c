import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import type { PodLoad } from './pod-load.ts'

const mebibytes = z
  .string()
  .regex(/^\d+(Mi|Gi)$/, 'expected Mi or Gi')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('Gi') ? 1024 : 1))
const workloadSchema = z.object({
  replicas: z.int().optional(),
  instances: z.int().optional(),
  nodes: z.array(z.string()).min(1),
  resources: z.object({
    requests: z.object({
      cpu: z
        .string()
        .regex(/^\d+m$/)
        .transform((text) => Number.parseInt(text, 10)),
      memory: mebibytes,
    }),
    limits: z.object({ memory: mebibytes }),
  }),
})

/** RabbitMQ, PostgreSQL and Redis as the chart of a cluster asks for them; replicas go to different nodes in turn. */
export async function readDataPods(repository: string, cluster: string): Promise<PodLoad[]> {
  const read = async (file: string) => parse(await readFile(join(repository, 'charts/growbin', file), 'utf8'))
  const values = await read('values.yaml')
  const differences = await read(`values-${cluster}.yaml`)
  return ['rabbitmq', 'postgresql', 'redis'].flatMap((name) => {
    const { replicas, instances, nodes, resources } = workloadSchema.parse({ ...values[name], ...differences[name] })
    return Array.from({ length: replicas ?? instances ?? 1 }, (_, index) => ({
      name: `${name}-${index}`,
      count: { min: 1, max: 1 },
      cpuMillis: resources.requests.cpu,
      memoryMiB: resources.requests.memory,
      memoryLimitMiB: resources.limits.memory,
      place: { workload: nodes[index % nodes.length] ?? '' },
    }))
  })
}
