import { domainOf, type FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import { triggerKindOf } from '../trigger-kind.ts'

/** Labels of everything rendered for one function; overlays select by them. */
export function labelsOf(spec: FunctionSpec): Record<string, string> {
  return {
    'app.kubernetes.io/name': spec.name,
    'app.kubernetes.io/component': domainOf(spec),
    'app.kubernetes.io/part-of': 'growbin',
    'app.kubernetes.io/managed-by': 'kustomize',
    'growbin.app/node': spec.node,
    'growbin.app/trigger': triggerKindOf(spec),
  }
}
