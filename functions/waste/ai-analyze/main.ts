import { composeFunction } from '../../_lib/process/compose-function.ts'
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

export const start = composeFunction(import.meta, spec, (fn) => {
  const analysis = openAnalysis(fn)
  const { database } = analysis
  const photos = openPhotos(fn, database)
  const answerDeps: AnswerJobDeps = {
    ...photos,
    cache: analysis.openCache(fn.config.OPENAI_MODEL),
    identifyWaste: createIdentifier(database, fn.config),
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
  return createHandler({ ...analysis.eventApp, aiAnalyze: (input) => aiAnalyze(deps, input) })
})
