import { expect, it } from 'vitest'
import { type ComponentName, components, packageOf, releaseOf, versionOf } from './component-versions.ts'

it('names each file of a release by its version', () => {
  const version = versionOf('knative-serving')
  expect(releaseOf('knative-serving')).toEqual(
    ['serving-crds.yaml', 'serving-core.yaml'].map(
      (file) => `https://github.com/knative/serving/releases/download/knative-v${version}/${file}`,
    ),
  )
  expect(releaseOf('helm')).toEqual([`helm.sh/helm/v3/cmd/helm@v${versionOf('helm')}`])
})

it('refuses a version or a package that a component does not have', () => {
  expect(() => versionOf('etcd')).toThrow('"etcd" has no version in charts/versions.json: kubeadm brings its own')
  expect(() => packageOf('argo-cd')).toThrow('"argo-cd" has no package for one machine in charts/versions.json')
})

it.each(Object.keys(components) as ComponentName[])(
  '%s has a version with a place in its release, or a package',
  (name) => {
    const { version, source, one_machine } = components[name]
    expect(version ?? one_machine?.version).toMatch(/^\d+([.]\d+){1,2}(-[\w.]+)?$/)
    expect(source.includes('{version}')).toBe(version !== undefined)
  },
)
