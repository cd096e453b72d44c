import components from '../../charts/versions.json' with { type: 'json' }

/** The version in the name of a package: of a Go module after "@", of a Python package after "==". */
const versionIn = ({ one_machine }: { one_machine: { package: string } }): string =>
  one_machine.package.replace(/^.*(?:@|==)/, '')

/** What the cluster on one machine is made of: of each component the newest version that package registries serve in whole. */
export const versions = {
  kubernetes: versionIn(components.kubernetes),
  serving: versionIn(components['knative-serving']),
  eventing: versionIn(components['knative-eventing']),
  eventingRabbitmq: versionIn(components['eventing-rabbitmq']),
  netKourier: versionIn(components['net-kourier']),
  clusterOperator: versionIn(components['rabbitmq-cluster-operator']),
  topologyOperator: versionIn(components['rabbitmq-topology-operator']),
  cniPlugins: versionIn(components['cni-plugins']),
  coredns: versionIn(components.coredns),
  envoyPackage: versionIn(components.envoy),
} as const
