import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ComponentName, releaseOf } from '../lib/component-versions.ts'
import { repositoryRoot } from '../lib/repository-root.ts'

const write = 'npm run operators'

/** Components that Argo CD installs from what they released, and what of ours is added to the release. */
const operators: Partial<Record<ComponentName, { components?: readonly string[] }>> = {
  'argo-cd': { components: ['../../argocd/settings'] },
  'cert-manager': {},
  'cloudnative-pg': {},
  'cloudnative-pg-barman': {},
  'eventing-rabbitmq': {},
  'knative-eventing': {},
  'knative-serving': { components: ['../../../knative/serving'] },
  'net-kourier': {},
  'rabbitmq-cluster-operator': {},
  'rabbitmq-topology-operator': {},
  'sealed-secrets': {},
}

/** The kustomization of each operator, by its path from the root of the repository. */
export function renderOperators(): Map<string, string> {
  return new Map(
    Object.entries(operators).map(([name, { components = [] }]) => [
      `charts/operators/${name}/kustomization.yaml`,
      [
        `# Generated from charts/versions.json by "${write}"; change the source, not this file.`,
        'apiVersion: kustomize.config.k8s.io/v1beta1',
        'kind: Kustomization',
        // Its release names no namespace, and is applied to the one that is chosen.
        ...(name === 'argo-cd' ? ['namespace: argocd'] : []),
        'resources:',
        ...releaseOf(name as ComponentName).map((address) => `  - ${address}`),
        ...(components.length > 0 ? ['components:', ...components.map((path) => `  - ${path}`)] : []),
        '',
      ].join('\n'),
    ]),
  )
}

/** Files that differ from what `charts/versions.json` says. */
export async function findOperatorProblems(repository: string): Promise<string[]> {
  const problems = [...renderOperators()].map(async ([path, text]) => {
    const found = await readFile(join(repository, path), 'utf8').catch(() => undefined)
    return found === text ? [] : [`${path} is ${found === undefined ? 'missing' : 'different'}; run "${write}"`]
  })
  return (await Promise.all(problems)).flat()
}

if (import.meta.main) {
  for (const [path, text] of renderOperators()) {
    await mkdir(dirname(join(repositoryRoot, path)), { recursive: true })
    await writeFile(join(repositoryRoot, path), text)
  }
}
