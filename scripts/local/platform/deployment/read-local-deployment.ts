import type { AnalysisVariant } from '../../../../functions/waste/analysis-step.ts'
import { repositoryRoot } from '../../../lib/repository-root.ts'
import { type Deployment, readDeployment } from '../../../manifests/read/read-deployment.ts'
import { resolveKustomization } from '../../../manifests/read/resolve-kustomization.ts'

const overlayOf: Record<AnalysisVariant, string> = { single: 'local', stages: 'local-stages' }

/** What the local overlays deploy. Throws for what the manifests say and this machine would not do, each by name. */
export async function readLocalDeployment(variant: AnalysisVariant): Promise<Deployment> {
  const parts = ['knative', 'eventing'].map((part) =>
    resolveKustomization(repositoryRoot, `${part}/overlays/${overlayOf[variant]}`),
  )
  const deployment = readDeployment((await Promise.all(parts)).flat())
  const awake = deployment.services.filter(({ instancesMin }) => instancesMin > 0)
  if (awake.length > 0) {
    const names = awake.map(({ name, instancesMin }) => `"${name}" (${instancesMin})`).join(', ')
    throw new Error(`Nothing runs here before it is asked for, so expected min-scale 0 of ${names}; see knative/local`)
  }
  return deployment
}
