import { fileURLToPath } from 'node:url'
import type { Resource } from '../../manifests/resource.ts'
import { createCluster, kindOf, type ManifestDocument, type Rule } from './rule.ts'
import { autoscalingRules } from './rules/autoscaling-rules.ts'
import { brokerConfigRules, brokerRules, operatorPolicyRules } from './rules/broker-rules.ts'
import { eventTypeRules } from './rules/event-type-rules.ts'
import { gatewayRules, nodePortRules } from './rules/gateway-rules.ts'
import { pingSourceRules } from './rules/ping-source-rules.ts'
import { namespaceRules, policyRules } from './rules/policy-rules.ts'
import { ingressRules, routeRules } from './rules/route-rules.ts'
import { servingRules } from './rules/serving-rules.ts'
import { settingRules } from './rules/setting-rules.ts'
import { triggerRules } from './rules/trigger-rules.ts'
import { loadSchemaCheck } from './schema.ts'

// A rule reads only resources of its own kind, whose schema has been checked before it runs.
const rules = [
  ...servingRules,
  ...settingRules,
  ...autoscalingRules,
  ...triggerRules,
  ...brokerRules,
  ...brokerConfigRules,
  ...operatorPolicyRules,
  ...pingSourceRules,
  ...eventTypeRules,
  ...gatewayRules,
  ...nodePortRules,
  ...ingressRules,
  ...routeRules,
  ...namespaceRules,
  ...policyRules,
] as unknown as readonly Rule[]

export const ruleNames: readonly string[] = rules.map(({ name }) => name)

const schemas = fileURLToPath(new URL('../schemas', import.meta.url))

/** Every problem of the manifests: unknown or misplaced fields first, then what the webhooks and the broker refuse. */
export async function lintManifests(
  documents: readonly ManifestDocument[],
  loadSchemas: typeof loadSchemaCheck = loadSchemaCheck,
): Promise<string[]> {
  const cluster = createCluster(documents.map(({ resource }) => resource))
  const checkSchema = await loadSchemas(schemas, cluster.features)
  const problems = documents.flatMap(({ path, resource }) => {
    const found = checkSchema(resource)
    const refused =
      found.length > 0
        ? found.map((problem) => `schema: ${problem}`)
        : rules
            .filter(({ kind }) => kind === kindOf(resource))
            .flatMap((rule) => rule.check(resource, cluster).map((problem) => `${rule.name}: ${problem}`))
    return refused.map((problem) => `${path}: ${resource.kind} "${resource.metadata?.name}": ${problem}`)
  })
  return [...problems, ...findTwins(documents)]
}

function findTwins(documents: readonly ManifestDocument[]): string[] {
  const identity = ({ apiVersion, kind, metadata }: Resource) =>
    `${apiVersion} ${kind} "${metadata?.namespace ?? ''}/${metadata?.name}"`
  return [...Map.groupBy(documents, ({ resource }) => identity(resource))]
    .filter(([, twins]) => twins.length > 1)
    .map(([name, twins]) => `${name} is defined twice: ${twins.map(({ path }) => path).join(' and ')}`)
}
