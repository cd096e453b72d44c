import { composeFunction } from '../../_lib/process/compose-function.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { openPhotos } from '../analysis/photo/open-photos.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type PreparePhotoDeps, preparePhoto } from './prepare-photo.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const analysis = openAnalysis(fn, 'prepare_photo')
  const photos = openPhotos(fn, analysis.database)
  const deps: PreparePhotoDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    ...photos,
    cache: analysis.openCache(fn.config.OPENAI_MODEL),
    keepPrepared: (job, jpeg) => photos.objects.write(preparedKeyOf(job.objectKey), jpeg, 'image/jpeg'),
    readRules: createRuleReader(analysis.database),
    removePhoto: createPhotoRemover(photos.objects),
  }
  return createHandler({ ...analysis.eventApp, preparePhoto: (input) => preparePhoto(deps, input) })
})
