import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'

/** What an overlay of `knative` and the one of `eventing` with the same name hold. */
export async function renderOverlay(
  kube: Kubectl,
  repository: string,
  overlay: string,
  log: string,
): Promise<{ functions: KubernetesObject[]; messaging: KubernetesObject[] }> {
  const render = async (part: string): Promise<KubernetesObject[]> => {
    const text = await kube.run(['kustomize', join(repository, part, 'overlays', overlay)], { log })
    return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)
  }
  return { functions: await render('knative'), messaging: await render('eventing') }
}

/** The functions with the images of a build, by the name of the repository of an image. Throws for an image that was not built. */
export function withImages(
  objects: readonly KubernetesObject[],
  images: ReadonlyMap<string, string>,
): KubernetesObject[] {
  return objects.map((object) => {
    if (object.apiVersion !== 'serving.knative.dev/v1' || object.kind !== 'Service') return object
    const copy = structuredClone(object)
    for (const container of copy.spec.template.spec.containers) {
      const name = /([^/]+):unset$/.exec(container.image)?.[1] ?? ''
      const image = images.get(name)
      if (!image) throw new Error(`No image was built for "${container.image}" of ${object.metadata.name}`)
      container.image = image
    }
    return copy
  })
}
