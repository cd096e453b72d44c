import { join } from 'node:path'
import { runCommand } from '../run/command.ts'
import type { ClusterTest } from './cluster-test.ts'

const timeoutMs = 180_000

export const demo: ClusterTest = {
  name: 'one photo gets its answer through the load balancer, Kourier, the brokers and the functions',
  run: async ({ repository, baseUrl, log }) => {
    const startedMs = performance.now()
    const program = join(repository, 'scripts/local/demo/demo.ts')
    const output = await runCommand(process.execPath, [program, '--json', '--base-url', baseUrl], { log, timeoutMs })
    const result = JSON.parse(output) as { item?: unknown; answered_by?: string }
    if (!result.answered_by) throw new Error('the answer does not say by what it was answered')
    return `answered by ${result.answered_by} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s with the login`
  },
}
