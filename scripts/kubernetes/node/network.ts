import { existsSync } from 'node:fs'
import { runCommand } from '../run/command.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

export const hostInterface = ({ node }: Pick<Settings, 'node'>): string => `${node}-host`

/**
 * The node is a network namespace of its own, so that its iptables rules, ports and forwarding are not those of this machine. Nothing
 * forwards beyond: what leaves the node ends on this machine.
 */
export function networkStep(settings: Settings): Step {
  const { node, hostIp, nodeIp } = settings
  const outside = hostInterface(settings)
  return {
    name: 'network of the node',
    version: versionOf(node, hostIp, nodeIp),
    kept: 'state',
    isThere: async () => existsSync(`/run/netns/${node}`) && existsSync(`/sys/class/net/${outside}`),
    run: async (log) => {
      await removeNetwork(settings, log)
      const ip = (...args: string[]) => runCommand('ip', args, { log })
      await ip('netns', 'add', node)
      await ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node)
      await ip('address', 'add', `${hostIp}/30`, 'dev', outside)
      await ip('link', 'set', outside, 'up')
      await ip('-n', node, 'address', 'add', `${nodeIp}/30`, 'dev', 'eth0')
      await ip('-n', node, 'link', 'set', 'lo', 'up')
      await ip('-n', node, 'link', 'set', 'eth0', 'up')
      await ip('-n', node, 'route', 'add', 'default', 'via', hostIp)
      // A module where it is not part of the kernel; what is missing is an error of the next line.
      await runCommand('modprobe', ['br_netfilter'], { log }).catch(() => undefined)
      const sysctl = ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1']
      await runCommand('nsenter', [`--net=/run/netns/${node}`, ...sysctl], { log })
      return `${nodeIp}, this machine is ${hostIp}`
    },
  }
}

/** Removes the namespace with everything in it, and the interface of this machine. */
export async function removeNetwork(settings: Settings, log: string): Promise<void> {
  if (existsSync(`/run/netns/${settings.node}`)) await runCommand('ip', ['netns', 'delete', settings.node], { log })
  const outside = hostInterface(settings)
  // The kernel removes the pair itself once the last process in the namespace has ended, which may be now.
  if (existsSync(`/sys/class/net/${outside}`)) {
    await runCommand('ip', ['link', 'delete', outside], { log }).catch((error: unknown) => {
      if (existsSync(`/sys/class/net/${outside}`)) throw error
    })
  }
}
