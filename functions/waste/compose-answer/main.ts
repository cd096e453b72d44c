import { composeFunction } from '../../_lib/process/compose-function.ts'
import { createNearbyBinsFinder } from '../analysis/answer/nearby-bins.pg.ts'
import { createResultSaver } from '../analysis/answer/save-result.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { openPhotos } from '../analysis/photo/open-photos.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { type ComposeAnswerDeps, composeAnswer } from './compose-answer.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { sanitizeUpload } from './sanitize-upload.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const analysis = openAnalysis(fn, 'compose_answer')
  const photos = openPhotos(fn, analysis.database)
  const deps: ComposeAnswerDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    findNearbyBins: createNearbyBinsFinder(analysis.database),
    saveResult: createResultSaver(analysis.database, spec.name),
    sanitizeUpload: (job, upload) => sanitizeUpload(photos, job, upload),
    removePhoto: createPhotoRemover(photos.objects),
  }
  return createHandler({ ...analysis.eventApp, composeAnswer: (input) => composeAnswer(deps, input) })
})
