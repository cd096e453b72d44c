import type { Logger } from '../../../_lib/process/log.ts'
import type { Metrics } from '../../../_lib/process/metrics.ts'
import type { AnalysisStep } from '../../analysis-step.ts'

/** Runs a step, and logs and counts its outcome. */
export async function observeStep<Run extends { outcome: string }>(
  { log, metrics }: { log: Logger; metrics: Metrics },
  step: AnalysisStep,
  jobId: string,
  run: () => Promise<Run>,
): Promise<Run> {
  const startedMs = performance.now()
  const ended = await run()
  const durationMs = Math.round(performance.now() - startedMs)
  log.info('A step ended', { job_id: jobId, step, outcome: ended.outcome, duration_ms: durationMs })
  metrics.count('analysis_steps_total', { step, outcome: ended.outcome })
  // The step that ends the analysis counts it, as the function of the variant `single` does.
  if (ended.outcome === 'completed' || ended.outcome === 'failed') {
    metrics.count('analyses_total', { outcome: ended.outcome })
  }
  return ended
}
