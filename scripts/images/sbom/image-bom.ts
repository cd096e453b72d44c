import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import parseExpression from 'spdx-expression-parse'
import type { BasePackage } from '../base/download-packages.ts'
import type { LockedPackage } from './package-inputs.ts'

export type BomOptions = {
  /** Of the image. */
  name: string
  /** Of its manifest. */
  digest: string
  nodeVersion: string
  packages: readonly LockedPackage[]
  basePackages: readonly BasePackage[]
}

const { ComponentType, HashAlgorithm } = Enums
const licenses = new Contrib.License.Factories.LicenseFactory(parseExpression)

/** The software bill of materials of an image, as CycloneDX 1.6 in JSON. The same image has the same: there is no time in it. */
export function writeBom({ name, digest, nodeVersion, packages, basePackages }: BomOptions): string {
  const image = new Models.Component(ComponentType.Container, name, { version: digest, bomRef: name })
  const node = new Models.Component(ComponentType.Application, 'node', {
    version: nodeVersion,
    bomRef: `node@${nodeVersion}`,
    purl: `pkg:generic/node@${nodeVersion}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${nodeVersion}:*:*:*:*:*:*:*`,
    licenses: new Models.LicenseRepository([licenses.makeFromString('MIT')]),
  })
  const components = [node, ...basePackages.map(ofDebian), ...packages.map(ofNpm)]
  for (const { bomRef } of components) image.dependencies.add(bomRef)
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: image }),
    components: new Models.ComponentRepository(components),
  })
  const normalize = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)
  return new Serialize.JsonSerializer(normalize).serialize(bom, { sortLists: true, space: 2 })
}

function ofNpm({ name, version, license, sha512 }: LockedPackage): Models.Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return new Models.Component(ComponentType.Library, name, {
    version,
    purl,
    bomRef: purl,
    ...(sha512 && { hashes: new Models.HashDictionary([[HashAlgorithm['SHA-512'], sha512]]) }),
    ...(license && { licenses: new Models.LicenseRepository([licenses.makeFromString(license)]) }),
  })
}

function ofDebian({ name, version, architecture, sha256 }: BasePackage): Models.Component {
  const escaped = encodeURIComponent(name)
  const purl = `pkg:deb/debian/${escaped}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`
  return new Models.Component(ComponentType.Library, name, {
    version,
    purl,
    bomRef: purl,
    hashes: new Models.HashDictionary([[HashAlgorithm['SHA-256'], sha256]]),
  })
}
