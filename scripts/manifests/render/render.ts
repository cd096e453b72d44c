import { domainOf, triggerNameOf } from '../../../functions/_lib/process/function-spec.ts'
import type { EventUse } from '../event-uses.ts'
import type { LoadedSpec } from '../load-specs.ts'
import { renderPolicies } from '../policies/render-policies.ts'
import { component, generatedText, kustomization, type Resource } from '../resource.ts'
import { isCron, isHttp, isQueue } from '../trigger-kind.ts'
import { renderEventType } from './event-type.ts'
import { renderGateway } from './gateway.ts'
import { renderGatewayApi } from './gateway-api.ts'
import { renderNamespace } from './namespace.ts'
import { renderPingSources } from './ping-source.ts'
import { renderService } from './service.ts'
import { renderTrigger } from './trigger.ts'

/** Folders that hold nothing but rendered files. Those of `stages` are components, which only some overlays include. */
export const generatedFolders = [
  'knative/base',
  'knative/gateway',
  'knative/gateway-api',
  'knative/policies',
  'knative/stages',
  'eventing/base',
  'eventing/stages',
] as const

const everySource = 'functions/*/*/function.ts'
const everyContract = 'functions/_contracts/events/*.ts'

/** Every generated file, by path relative to the repository. */
export function renderManifests(specs: readonly LoadedSpec[], events: readonly EventUse[]): Map<string, string> {
  const files = new Map<string, string>()
  const add = (folder: string, source: string, name: string, ...resources: Resource[]) =>
    files.set(`${folder}/${name}.yaml`, generatedText(source, ...resources))

  for (const { spec, source } of specs) {
    const part = spec.variant ?? 'base'
    add(`knative/${part}`, source, spec.name, renderService(spec))
    if (isQueue(spec)) add(`eventing/${part}`, source, triggerNameOf(spec.trigger.queue), renderTrigger(spec))
    if (isCron(spec) || isQueue(spec)) {
      for (const resource of renderPingSources(spec)) add(`eventing/${part}`, source, resource.metadata.name, resource)
    }
  }
  const variantOf = new Map(specs.map(({ spec }) => [isQueue(spec) ? spec.trigger.queue : '', spec.variant]))
  for (const event of events) {
    const part = variantOf.get(event.contract.queue) ?? 'base'
    add(`eventing/${part}`, event.source, event.name, renderEventType(event))
  }
  const domains = [...new Set(specs.map(({ spec }) => domainOf(spec)))].sort()
  if (domains.length > 0) add('knative/base', everySource, 'namespaces', ...domains.map(renderNamespace))
  const withRoutes = specs.map(({ spec }) => spec).filter(isHttp)
  for (const resource of renderGateway(withRoutes)) {
    add('knative/gateway', everySource, resource.kind.toLowerCase(), resource)
  }
  for (const [name, resources] of renderGatewayApi(withRoutes))
    add('knative/gateway-api', everySource, name, ...resources)
  if (specs.length > 0) {
    for (const [namespace, policies] of renderPolicies(specs.map(({ spec }) => spec)))
      add('knative/policies', everySource, namespace, ...policies)
  }
  for (const folder of generatedFolders) {
    const names = [...files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
    const from = folder.startsWith('eventing/') ? `${everySource} and ${everyContract}` : everySource
    if (!folder.endsWith('/stages'))
      files.set(`${folder}/kustomization.yaml`, generatedText(from, kustomization(names)))
    else if (names.length > 0) files.set(`${folder}/kustomization.yaml`, generatedText(from, component(names)))
  }
  return files
}
