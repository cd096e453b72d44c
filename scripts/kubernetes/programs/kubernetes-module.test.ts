import { expect, test } from 'vitest'
import { linkerFlagsOf, requirementsOf } from './kubernetes-module.ts'

const goMod = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	github.com/blang/semver/v4 v4.0.0
	k8s.io/api v0.0.0
	k8s.io/apimachinery v0.0.0 // indirect
	k8s.io/klog/v2 v2.130.1
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
)
`

test('modules that are folders of its repository are taken in the version of the release, and no others', () => {
  expect(requirementsOf(goMod, 'v1.34.4')).toBe(`go 1.24.0

godebug default=go1.24

require (
	k8s.io/kubectl v0.0.0
	k8s.io/kubernetes v1.34.4
)

replace (
	k8s.io/api => k8s.io/api v0.34.4
	k8s.io/apimachinery => k8s.io/apimachinery v0.34.4
)`)
})

test('the programs know their version, by the names that Kubernetes reads', () => {
  const flags = linkerFlagsOf('v1.34.4')
  expect(flags).toContain('-X k8s.io/component-base/version.gitVersion=v1.34.4')
  expect(flags).toContain('-X k8s.io/client-go/pkg/version.gitMinor=34')
})
