import { stringify } from 'yaml'

export type Resource = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

export type Kustomization = { apiVersion: string; kind: 'Kustomization' | 'Component'; resources: readonly string[] }

const command = 'npm run manifests'

/** Present on the first line of every file that these scripts may overwrite or remove. */
export const generatedMarker = `by "${command}"`

/** YAML text whose first line says from what and by which command it was made. */
export function generatedText(source: string, ...documents: readonly (Resource | Kustomization)[]): string {
  const body = documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
  return `# Generated from ${source} ${generatedMarker}; change the source, not this file.\n${body.join('---\n')}`
}

export function kustomization(resources: readonly string[]): Kustomization {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: [...resources].sort() }
}

/** A kustomization that overlays include by choice, as `components`. */
export function component(resources: readonly string[]): Kustomization {
  return { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', resources: [...resources].sort() }
}
