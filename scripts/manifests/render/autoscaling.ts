import type { FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import { triggerKindOf } from '../trigger-kind.ts'

/** Requests per second at which one instance counts as full; Knative scales at 70 % of it. */
const instanceRequestsPerSecond = 100
/** Share of the hard limit at which another instance is wanted, so that the limit itself is rarely met. */
const concurrencyTargetShare = 0.8

type Annotations = Record<string, string>

/** Autoscaling of one revision, without the annotation prefix. */
export function autoscalingOf(spec: FunctionSpec): Annotations {
  const bounds = {
    'min-scale': String(spec.scale.min),
    'max-scale': String(spec.scale.max),
    // A revision takes traffic when it is ready, and with 0 it would be ready without ever having started.
    'initial-scale': String(Math.max(1, spec.scale.min)),
  }
  const profile = triggerKindOf(spec) === 'http' ? synchronousProfile(spec) : asynchronousProfile(spec)
  const all = { class: 'kpa.autoscaling.knative.dev', ...bounds, ...profile }
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]))
}

function synchronousProfile({ scale }: FunctionSpec): Annotations {
  // At 30 ms a request, 100 requests per second are 3 in flight: concurrency is too weak a signal without a limit.
  const signal =
    scale.concurrency === 0
      ? { metric: 'rps', target: String(instanceRequestsPerSecond) }
      : { metric: 'concurrency', target: concurrencyTarget(scale.concurrency) }
  // The default of 211 keeps the activator in the path of a service of one or two instances for ever.
  const direct = { ...signal, 'target-burst-capacity': '0' }
  return scale.min > 0
    ? { ...direct, 'scale-down-delay': '5m' }
    : { ...direct, 'scale-to-zero-pod-retention-period': '10m' }
}

function asynchronousProfile({ scale }: FunctionSpec): Annotations {
  // With -1 the activator holds the queue and fills real slots, where the sidecar would answer 503 beyond its own.
  const queued = { metric: 'concurrency', 'target-burst-capacity': '-1' }
  return scale.concurrency === 1
    ? { ...queued, target: '1', 'target-utilization-percentage': '100' }
    : {
        ...queued,
        target: concurrencyTarget(scale.concurrency),
        window: '60s',
        'scale-down-delay': '1m',
        'scale-to-zero-pod-retention-period': '2m',
      }
}

function concurrencyTarget(concurrency: number): string {
  return String(Math.max(1, Math.floor(concurrency * concurrencyTargetShare)))
}
