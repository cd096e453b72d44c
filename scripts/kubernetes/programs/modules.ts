import { versions } from '../versions.ts'
import type { GoModule } from './go-module.ts'

/** Names under which programs and images are found; a program in `images/` becomes an image. */
const knative: GoModule = {
  name: 'knative',
  requirements: `go 1.25.0

require (
	knative.dev/eventing ${versions.eventing}
	knative.dev/serving ${versions.serving}
)`,
  programs: {
    ...Object.fromEntries(
      ['activator', 'autoscaler', 'controller', 'queue', 'webhook'].map((name) => [
        `images/serving-${name}`,
        `knative.dev/serving/cmd/${name}`,
      ]),
    ),
    'images/eventing-controller': 'knative.dev/eventing/cmd/controller',
    'images/eventing-webhook': 'knative.dev/eventing/cmd/webhook',
    'images/mtping': 'knative.dev/eventing/cmd/mtping',
  },
}

const rabbitmqBroker: GoModule = {
  name: 'rabbitmq-broker',
  requirements: `go 1.25.0

require (
	knative.dev/eventing ${versions.eventing}
	knative.dev/eventing-rabbitmq ${versions.eventingRabbitmq}
	knative.dev/net-kourier ${versions.netKourier}
	knative.dev/serving ${versions.serving}
)

replace (
	// The registry has no archive of these two.
	knative.dev/eventing v0.48.0 => knative.dev/eventing ${versions.eventing}
	knative.dev/eventing v0.49.0 => knative.dev/eventing ${versions.eventing}
	// What Eventing uses of it is newer than the version with the higher number, which eventing-rabbitmq names.
	github.com/cloudevents/sdk-go/sql/v2 => github.com/cloudevents/sdk-go/sql/v2 v2.0.0-20240712172937-3ce6b2f1f011
	// The version that Serving was released with.
	knative.dev/networking => knative.dev/networking v0.0.0-20260529061306-c8de379770b9
)`,
  programs: {
    'images/kourier': 'knative.dev/net-kourier/cmd/kourier',
    'images/rabbitmq-broker-controller': 'knative.dev/eventing-rabbitmq/cmd/controller/broker',
    'images/rabbitmq-broker-webhook': 'knative.dev/eventing-rabbitmq/cmd/webhook/broker',
    'images/rabbitmq-ingress': 'knative.dev/eventing-rabbitmq/cmd/ingress',
    'images/rabbitmq-dispatcher': 'knative.dev/eventing-rabbitmq/cmd/dispatcher',
  },
}

const clusterOperator: GoModule = {
  name: 'rabbitmq-cluster-operator',
  requirements: `go 1.24.0\n\nrequire github.com/rabbitmq/cluster-operator/v2 ${versions.clusterOperator}`,
  programs: { 'images/cluster-operator': 'github.com/rabbitmq/cluster-operator/v2' },
}

const topologyOperator: GoModule = {
  name: 'rabbitmq-topology-operator',
  requirements: `go 1.26.4\n\nrequire github.com/rabbitmq/messaging-topology-operator ${versions.topologyOperator}`,
  programs: { 'images/topology-operator': 'github.com/rabbitmq/messaging-topology-operator/cmd' },
}

const networkPlugins: GoModule = {
  name: 'network-plugins',
  requirements: `go 1.23.0\n\nrequire github.com/containernetworking/plugins ${versions.cniPlugins}`,
  programs: Object.fromEntries(
    ['main/bridge', 'main/loopback', 'ipam/host-local', 'meta/portmap'].map((plugin) => [
      `cni/${plugin.split('/')[1]}`,
      `github.com/containernetworking/plugins/plugins/${plugin}`,
    ]),
  ),
}

const coredns: GoModule = {
  name: 'coredns',
  requirements: `go 1.25.0\n\nrequire github.com/coredns/coredns ${versions.coredns}`,
  files: {
    'main.go': `// CoreDNS with the plugins that a cluster of one node needs, and none for clouds.
package main

import (
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"

	"github.com/coredns/coredns/coremain"
)

func main() { coremain.Run() }
`,
  },
  programs: { 'images/coredns': '.' },
}

/** The process that holds the namespaces of a pod. */
const pause: GoModule = {
  name: 'pause',
  requirements: 'go 1.24.0',
  files: {
    'main.go': `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
`,
  },
  programs: { 'images/pause': '.' },
}

/** What a node runs, but for Kubernetes, whose module is derived from its own. */
export const nodeModules: readonly GoModule[] = [pause, networkPlugins, coredns]

/** What the cluster runs on top. */
export const systemModules: readonly GoModule[] = [knative, rabbitmqBroker, clusterOperator, topologyOperator]
