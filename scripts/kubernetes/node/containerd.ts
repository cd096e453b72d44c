import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import { type CommandOptions, runCommand } from '../run/command.ts'
import { isRunning, startDaemon, stopDaemons } from '../run/daemon.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

export const socketOf = ({ state }: Pick<Settings, 'state'>): string => join(state, 'containerd.sock')
const networkFolder = ({ state }: Settings) => join(state, 'network')

const startTimeoutMs = 60_000

export const runInContainerd = (
  settings: Settings,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> => runCommand('ctr', ['--address', socketOf(settings), '--namespace', 'k8s.io', ...args], options)

export function containerdStep(settings: Settings): Step {
  const configuration = configurationOf(settings)
  const network = networkOf(settings)
  return {
    name: 'containerd',
    version: versionOf(configuration, network),
    kept: 'state',
    isThere: () => isRunning(settings, 'containerd'),
    run: async (log) => {
      await mkdir(networkFolder(settings), { recursive: true })
      await writeFile(join(networkFolder(settings), '10-pods.conflist'), JSON.stringify(network, null, 2))
      const file = join(settings.state, 'containerd.toml')
      await writeFile(file, configuration)
      await stopDaemons(settings, ['containerd'])
      await startDaemon(settings, 'containerd', ['containerd', '--config', file], { network: 'node' })
      const giveUpAtMs = performance.now() + startTimeoutMs
      for (;;) {
        const version = await runInContainerd(settings, ['version'], { log }).catch(() => undefined)
        if (version) return /Server:\s+Version:\s+(\S+)/.exec(version)?.[1]
        if (performance.now() > giveUpAtMs)
          throw new Error(`containerd did not answer within ${startTimeoutMs / 1000} s`)
        await pause(500)
      }
    },
  }
}

const networkOf = (settings: Settings) => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: join(settings.state, 'addresses'),
        ranges: [[{ subnet: settings.podCidr }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
})

const configurationOf = (settings: Settings): string => `version = 2
root = "${join(settings.cache, 'containerd')}"
state = "${join(settings.state, 'containerd')}"
[grpc]
  address = "${socketOf(settings)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "dev.local/pause:one-machine"
  disable_apparmor = true
  # A machine without CAP_SYS_RESOURCE may not give a process a lower score than its own.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${join(settings.programs, 'cni')}"
    conf_dir = "${networkFolder(settings)}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(settings.state, 'containerd-opt')}"
`
