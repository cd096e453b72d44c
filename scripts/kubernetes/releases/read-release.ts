import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { localImage } from '../images/system-images.ts'
import type { KubernetesObject } from '../run/kubectl.ts'

/** The objects of YAML files, in their order. */
export async function readRelease(files: readonly string[]): Promise<KubernetesObject[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.flatMap((text) =>
    parseAllDocuments(text)
      .map((document) => document.toJS() as KubernetesObject | null)
      .filter((object) => object !== null),
  )
}

/**
 * What a release says, with images of this machine where its build would have put its own, and requests that fit one node of two
 * processors. Limits stay as they are.
 */
export function adaptRelease(
  objects: readonly KubernetesObject[],
  images: Readonly<Record<string, string>>,
): KubernetesObject[] {
  return objects.map((object) => {
    const text = JSON.stringify(object, (key, value: unknown) => {
      if (typeof value === 'string') return replaceImage(value, images)
      return key === 'requests' && object.kind === 'Deployment' ? { cpu: '10m', memory: '20Mi' } : value
    })
    return JSON.parse(text) as KubernetesObject
  })
}

/** `images` has what a release names, without its tag, and the name of the image here. */
function replaceImage(value: string, images: Readonly<Record<string, string>>): string {
  const known = [value, value.replace(/:[\w.-]+$/, '')].find((name) => Object.hasOwn(images, name))
  return known === undefined ? value : localImage(images[known] ?? '')
}

const rank = (object: KubernetesObject): number => {
  if (object.kind === 'Namespace') return 0
  if (object.kind === 'CustomResourceDefinition') return 1
  if (object.kind.endsWith('WebhookConfiguration')) return 4
  return ['Deployment', 'StatefulSet', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'].includes(object.kind) ? 3 : 2
}

/** In the order in which they may be applied, in groups: namespaces, definitions, settings, programs, webhooks. */
export function inOrder(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  return [0, 1, 2, 3, 4]
    .map((group) => objects.filter((object) => rank(object) === group))
    .filter((group) => group.length > 0)
}
