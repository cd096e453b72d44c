import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Metrics of one process in the Prometheus text format. Names end in their unit. */
export type Metrics = {
  /** Labels must come from small closed sets: never an id, never a path with parameters filled in. */
  count: (name: string, labels?: Record<string, string>, amount?: number) => void
  /** Sets a gauge to the present value, as far as this process knows it. */
  set: (name: string, labels: Record<string, string>, value: number) => void
  /** Observes a duration in milliseconds under `<name>_seconds`. */
  observeMs: (name: string, labels: Record<string, string>, ms: number) => void
  render: () => Promise<{ contentType: string; body: string }>
}

const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/**
 * The metrics of one function, labelled with `service`, in a registry of their own. A metric exists from its first use on, and its
 * labels are those of that use; prom-client throws when a later use has others.
 *
 * @example
 * const metrics = createMetrics('waste-presign')
 * metrics.count('uploads_signed_total', { kind: 'photo' })
 * metrics.observeMs('model_call_duration', {}, 812) // model_call_duration_seconds
 */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  let processMetrics = false

  return {
    count: (name, labels = {}, amount = 1) => {
      let counter = counters.get(name)
      if (!counter) {
        counter = new Counter({ name, help: name, labelNames: Object.keys(labels), registers: [registry] })
        counters.set(name, counter)
      }
      counter.inc(labels, amount)
    },
    set: (name, labels, value) => {
      let gauge = gauges.get(name)
      if (!gauge) {
        gauge = new Gauge({ name, help: name, labelNames: Object.keys(labels), registers: [registry] })
        gauges.set(name, gauge)
      }
      gauge.set(labels, value)
    },
    observeMs: (name, labels, ms) => {
      let histogram = histograms.get(name)
      if (!histogram) {
        histogram = new Histogram({
          name: `${name}_seconds`,
          help: name,
          labelNames: Object.keys(labels),
          buckets: durationBucketsSeconds,
          registers: [registry],
        })
        histograms.set(name, histogram)
      }
      histogram.observe(labels, ms / 1000)
    },
    render: async () => {
      // Started at the first scrape, because its event-loop monitor costs time at every start.
      if (!processMetrics) collectDefaultMetrics({ register: registry })
      processMetrics = true
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}
