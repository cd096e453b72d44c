import versions from '../../charts/versions.json' with { type: 'json' }

/** A part of a deployment that is installed and not written here. */
export type Component = {
  /** What a cluster runs. Missing when another component brings it, which `source` then says. */
  version?: string
  /** Where it is released: an address, an image or a Go package, with `{version}` in place of the version. */
  source: string
  /** Files under `source`, when a release has several. */
  files?: readonly string[]
  /** What the cluster on one machine runs, and the package of a registry that it is installed from. */
  one_machine?: { version: string; package: string }
}

export type ComponentName = keyof typeof versions

/** The components of `charts/versions.json`, the only file that states a version of any of them. */
export const components: Readonly<Record<ComponentName, Component>> = versions

/** The version of a component in a cluster. Throws for one that another component brings. */
export function versionOf(name: ComponentName): string {
  const { version, source } = components[name]
  if (!version) throw new Error(`"${name}" has no version in charts/versions.json: ${source}`)
  return version
}

/** What is installed for a component: the addresses of its files, its image, or its Go package. */
export function releaseOf(name: ComponentName): string[] {
  const { source, files } = components[name]
  const address = source.replaceAll('{version}', versionOf(name))
  return files ? files.map((file) => `${address}${file}`) : [address]
}

/** What the cluster on one machine installs for a component. Throws for one that it has no package for. */
export function packageOf(name: ComponentName): { version: string; package: string } {
  const { one_machine: found } = components[name]
  if (!found) throw new Error(`"${name}" has no package for one machine in charts/versions.json`)
  return found
}
