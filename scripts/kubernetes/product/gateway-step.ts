import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../../lib/until.ts'
import { isRunning, startDaemon, stopDaemon } from '../run/daemon.ts'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { ports } from './names.ts'

export const gatewayAddress = ({ hostIp }: Pick<Settings, 'hostIp'>): string => `${hostIp}:${ports.gateway}`

/** The stand-in for the load balancer, with the rules of the overlay. */
export function gatewayStep(settings: Settings, kube: Kubectl, readIngress: () => Promise<KubernetesObject>): Step {
  return {
    name: 'load balancer',
    version: '',
    kept: 'never',
    isThere: async () => false,
    run: async (log) => {
      const [service] = await kube.get(['-n', 'kourier-system', 'service', 'kourier-alb'], log)
      const port = service?.spec.ports.find(({ name }: { name: string }) => name === 'http')?.nodePort
      const file = join(settings.state, 'ingress.json')
      await writeFile(file, JSON.stringify(await readIngress()))
      await stopDaemon(settings, 'gateway')
      const listen = gatewayAddress(settings)
      const program = join(import.meta.dirname, 'gateway.ts')
      const command = [process.execPath, program, file, listen, `${settings.nodeIp}:${port}`] as const
      await startDaemon(settings, 'gateway', command, { network: 'machine' })
      await until('an answer of the load balancer', async () => {
        if (!(await isRunning(settings, 'gateway'))) throw new Error('it ended; see "daemon-gateway.log"')
        return fetch(`http://${listen}/`, { signal: AbortSignal.timeout(2000) }).then(
          () => true,
          () => false,
        )
      })
      return `http://${listen}`
    },
  }
}
