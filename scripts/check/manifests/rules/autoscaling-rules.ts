import type { KnativeService } from '../knative-service.ts'
import type { Rule } from '../rule.ts'

const prefix = 'autoscaling.knative.dev/'
const kind = 'serving.knative.dev/Service'

type Check = (value: string) => boolean

const whole =
  (min: number, max: number): Check =>
  (value) =>
    /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max
const number =
  (min: number, max: number): Check =>
  (value) =>
    /^\d+(\.\d+)?$/.test(value) && Number(value) >= min && Number(value) <= max
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value)
const seconds =
  (min: number, max: number): Check =>
  (value) => {
    const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(value)
    const total = Number(parts?.[1] ?? 0) * 3600 + Number(parts?.[2] ?? 0) * 60 + Number(parts?.[3] ?? 0)
    return value !== '' && parts !== null && total >= min && total <= max
  }

/** knative/serving pkg/apis/autoscaling/annotation_validation.go; class hpa is not installed, so not known here. */
const known: Record<string, { expected: string; check: Check }> = {
  class: { expected: 'kpa.autoscaling.knative.dev', check: oneOf('kpa.autoscaling.knative.dev') },
  metric: { expected: 'concurrency or rps', check: oneOf('concurrency', 'rps') },
  target: { expected: 'at least 0.01', check: number(0.01, Number.MAX_VALUE) },
  'target-utilization-percentage': { expected: '1 to 100', check: number(1, 100) },
  'min-scale': { expected: 'a whole number', check: whole(0, 2 ** 31 - 1) },
  'max-scale': { expected: 'a whole number', check: whole(0, 2 ** 31 - 1) },
  'initial-scale': {
    expected: 'at least 1: with 0 a revision is ready, and takes all traffic, without ever having started',
    check: whole(1, 2 ** 31 - 1),
  },
  'activation-scale': { expected: 'at least 2', check: whole(2, 2 ** 31 - 1) },
  window: { expected: '6s to 1h', check: seconds(6, 3600) },
  'scale-down-delay': { expected: '0s to 1h', check: seconds(0, 3600) },
  'scale-to-zero-pod-retention-period': { expected: '0s to 1h', check: seconds(0, 3600) },
  'target-burst-capacity': { expected: '-1 or more', check: whole(-1, 2 ** 31 - 1) },
  'panic-window-percentage': { expected: '1 to 100', check: number(1, 100) },
  'panic-threshold-percentage': { expected: '110 to 1000', check: number(110, 1000) },
}

export const autoscalingRules: readonly Rule<KnativeService>[] = [
  {
    name: 'autoscaling-place',
    kind,
    check: ({ metadata }) =>
      Object.keys(metadata.annotations ?? {})
        .filter((key) => key.startsWith(prefix))
        .map((key) => `"${key}" is on the service; expected it at spec.template.metadata.annotations`),
  },
  {
    name: 'autoscaling-value',
    kind,
    check: (service) =>
      autoscalingOf(service).flatMap(([key, value]) => {
        const annotation = known[key]
        if (!annotation) return [`"${prefix}${key}" is no annotation that Knative knows`]
        return annotation.check(value) ? [] : [`"${prefix}${key}" is "${value}"; expected ${annotation.expected}`]
      }),
  },
  {
    name: 'autoscaling-bounds',
    kind,
    check: (service, { setting }) => {
      const scale = Object.fromEntries(autoscalingOf(service))
      const limit = Number(setting('config-autoscaler', 'max-scale-limit') ?? 0)
      const [min, max] = [Number(scale['min-scale'] ?? 0), Number(scale['max-scale'] ?? 0)]
      return [
        ...(max === 0 ? ['max-scale is unset, so one function may fill its node'] : []),
        ...(max > 0 && min > max ? [`min-scale ${min} is over max-scale ${max}`] : []),
        ...(limit > 0 && max > limit ? [`max-scale ${max} is over the ${limit} of config-autoscaler`] : []),
        ...(setting('config-autoscaler', 'allow-zero-initial-scale') === 'true'
          ? [
              'config-autoscaler allows initial-scale 0, with which a revision takes traffic without ever having started',
            ]
          : []),
        ...(setting('config-autoscaler', 'initial-scale') === '0'
          ? ['config-autoscaler sets initial-scale 0, with which a revision takes traffic without ever having started']
          : []),
      ]
    },
  },
]

function autoscalingOf({ spec }: KnativeService): [string, string][] {
  return Object.entries(spec.template.metadata?.annotations ?? {})
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value])
}
