import type { Environment } from '../../_lib/process/config.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { createNearbyBinsFinder } from '../analysis/answer/nearby-bins.pg.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { createResultSaver } from '../analysis/answer/save-result.pg.ts'
import { createIdentifier } from '../analysis/model/create-identifier.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { openPhotos } from '../analysis/photo/open-photos.ts'
import { sanitizePhoto } from '../analysis/photo/sanitize-photo.ts'
import { type AiAnalyzeDeps, aiAnalyze } from './ai-analyze.ts'
import { type AnswerJobDeps, answerJob } from './answer-job.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const analysis = openAnalysis(spec, config)
  const { database } = analysis
  const photos = openPhotos(analysis, config)
  const answerDeps: AnswerJobDeps = {
    ...photos,
    cache: analysis.openCache(config.OPENAI_MODEL),
    identifyWaste: createIdentifier(database, config),
    readRules: createRuleReader(database),
    findNearbyBins: createNearbyBinsFinder(database),
    saveResult: createResultSaver(database, spec.name),
  }
  const deps: AiAnalyzeDeps = {
    ...analysis.runDeps,
    answerJob: (run) => answerJob(answerDeps, run),
    sanitizePhoto: (job, answered) => sanitizePhoto(photos, job, answered),
    removePhoto: (job) => photos.objects.remove(job.objectKey),
  }
  const app = createHandler({ ...analysis.eventApp, aiAnalyze: (input) => aiAnalyze(deps, input) })
  return { app, close: analysis.resources.close }
}

if (import.meta.main) await serve(start)
