import type { Environment } from '../../_lib/process/config.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { createNearbyBinsFinder } from '../analysis/answer/nearby-bins.pg.ts'
import { createResultSaver } from '../analysis/answer/save-result.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { openPhotos } from '../analysis/photo/open-photos.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { type ComposeAnswerDeps, composeAnswer } from './compose-answer.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { sanitizeUpload } from './sanitize-upload.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const analysis = openAnalysis(spec, config, 'compose_answer')
  const photos = openPhotos(analysis, config)
  const deps: ComposeAnswerDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    findNearbyBins: createNearbyBinsFinder(analysis.database),
    saveResult: createResultSaver(analysis.database, spec.name),
    sanitizeUpload: (job, upload) => sanitizeUpload(photos, job, upload),
    removePhoto: createPhotoRemover(photos.objects),
  }
  const app = createHandler({ ...analysis.eventApp, composeAnswer: (input) => composeAnswer(deps, input) })
  return { app, close: analysis.resources.close }
}

if (import.meta.main) await serve(start)
