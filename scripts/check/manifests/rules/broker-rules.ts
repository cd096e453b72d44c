import type { Broker, OperatorPolicy, RabbitmqBrokerConfig } from '../eventing-resources.ts'
import type { Rule } from '../rule.ts'

const brokerRule = (name: string, check: Rule<Broker>['check']): Rule<Broker> => ({
  name,
  kind: 'eventing.knative.dev/Broker',
  check,
})

export const brokerRules: readonly Rule<Broker>[] = [
  brokerRule('broker-class', ({ metadata }) => {
    const found = metadata.annotations?.['eventing.knative.dev/broker.class']
    return found === 'RabbitMQBroker'
      ? []
      : [`the class is "${found}"; expected "RabbitMQBroker", and it cannot be changed later`]
  }),
  brokerRule('broker-config', ({ spec }, { resources }) => {
    if (!spec.config?.namespace) return ['spec.config has no namespace, which the webhook requires']
    const { kind, name, namespace } = spec.config
    const found = resources.some(
      (other) => other.kind === kind && other.metadata.name === name && other.metadata.namespace === namespace,
    )
    return found ? [] : [`spec.config refers to ${kind} "${name}" in namespace "${namespace}", which is not there`]
  }),
  brokerRule('broker-delivery', ({ spec }) =>
    spec.delivery ? [] : ['no delivery: the webhook fills in ten exponential retries, and the spec is immutable'],
  ),
]

export const brokerConfigRules: readonly Rule<RabbitmqBrokerConfig>[] = [
  {
    name: 'broker-cluster',
    kind: 'eventing.knative.dev/RabbitmqBrokerConfig',
    check: ({ spec }) => {
      const { name, connectionSecret } = spec.rabbitmqClusterReference ?? {}
      return [
        ...((name === undefined) === (connectionSecret === undefined)
          ? ['rabbitmqClusterReference needs either a name or a connectionSecret']
          : []),
        ...(spec.queueType === 'quorum' ? [] : [`queueType is "${spec.queueType}"; expected "quorum"`]),
      ]
    },
  },
]

/** rabbitmq-server deps/rabbit/src/rabbit_policies.erl, operator_policy_validator. */
const operatorPolicyKeys = new Set([
  'expires',
  'message-ttl',
  'max-length',
  'max-length-bytes',
  'max-in-memory-length',
  'max-in-memory-bytes',
  'delivery-limit',
])

export const operatorPolicyRules: readonly Rule<OperatorPolicy>[] = [
  {
    name: 'operator-policy-keys',
    kind: 'rabbitmq.com/OperatorPolicy',
    check: ({ spec }) =>
      Object.entries(spec.definition).flatMap(([key, value]) => {
        if (!operatorPolicyKeys.has(key)) return [`"${key}" is no key of an operator policy`]
        return Number.isInteger(value) && Number(value) > 0
          ? []
          : [`"${key}" is ${JSON.stringify(value)}; expected a whole number above 0`]
      }),
  },
  {
    name: 'operator-policy-overlap',
    kind: 'rabbitmq.com/OperatorPolicy',
    // RabbitMQ applies one operator policy to a queue, and does not say which it left out.
    check: ({ metadata, spec }, { resources }) =>
      resources
        .filter(({ kind }) => kind === 'Trigger')
        .map((trigger) => `${trigger.metadata.namespace}.${trigger.metadata.name}.00000000-0000-4000-8000-000000000000`)
        .filter((queue) => new RegExp(spec.pattern).test(queue))
        .flatMap((queue) =>
          resources
            .filter(
              (other): other is OperatorPolicy =>
                other.kind === 'OperatorPolicy' && other.metadata.name !== metadata.name,
            )
            .filter((other) => new RegExp(other.spec.pattern).test(queue))
            .map((other) => `"${other.metadata.name}" matches the queue "${queue}" too`),
        ),
  },
]
