import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gatewayAddress } from '../product/gateway-step.ts'
import { analyses } from '../tests/analyses.ts'
import type { ClusterTest } from '../tests/cluster-test.ts'
import { demo } from '../tests/demo.ts'
import type { CommandContext } from './command-options.ts'

const tests: readonly ClusterTest[] = [demo, analyses]

/** Runs the tests of the cluster, one after another; resolves to 1 when one failed. */
export async function test({
  settings,
  kube,
  repository,
  print,
  only = '',
}: CommandContext & { only?: string }): Promise<number> {
  const chosen = tests.filter(({ name }) => name.includes(only))
  if (chosen.length === 0) throw new Error(`No test of the cluster has "${only}" in its name`)
  await mkdir(settings.logs, { recursive: true })
  const context = {
    settings,
    kube,
    repository,
    baseUrl: `http://${gatewayAddress(settings)}`,
    log: join(settings.logs, 'test.log'),
  }
  let failed = 0
  for (const { name, run } of chosen) {
    const startedMs = performance.now()
    const outcome = await run(context).catch((error: Error) => error)
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    if (outcome instanceof Error) failed += 1
    print(
      outcome instanceof Error
        ? `✗ ${name} (${seconds} s): ${outcome.message}`
        : `✓ ${name} (${seconds} s): ${outcome}`,
    )
  }
  print(`${chosen.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
