import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GoModule } from './go-module.ts'

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl']

/** The module that builds Kubernetes, from the folder of its own module. */
export async function describeKubernetes(folder: string, version: string): Promise<GoModule> {
  return {
    name: 'kubernetes',
    requirements: requirementsOf(await readFile(join(folder, 'go.mod'), 'utf8'), version),
    sums: join(folder, 'go.sum'),
    linkerFlags: linkerFlagsOf(version),
    programs: Object.fromEntries(programs.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
  }
}

/**
 * The staging modules are folders of its repository, named v0.0.0, and modules of their own in a registry: v1.34.4 is v0.34.4 there.
 */
export function requirementsOf(goMod: string, version: string): string {
  const staged = new Set([...goMod.matchAll(/^\s*(?:require\s+)?(\S+) v0\.0\.0\b/gm)].map(([, module]) => module))
  const replacements = [...staged].map((module) => `\t${module} => ${module} v0.${version.replace(/^v1\./, '')}`)
  return [
    ...(goMod.match(/^(?:go|godebug) .*$/gm) ?? []),
    `require (\n\tk8s.io/kubectl v0.0.0\n\tk8s.io/kubernetes ${version}\n)`,
    `replace (\n${replacements.join('\n')}\n)`,
  ].join('\n\n')
}

/** Without these the server says v0.0.0, and Knative refuses to start on it. */
export function linkerFlagsOf(version: string): string {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  const flags = packages.flatMap((name) => Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`))
  return ['-s -w', ...flags].join(' ')
}
