import type { Environment } from '../../_lib/process/config.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { openPhotos } from '../analysis/photo/open-photos.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type PreparePhotoDeps, preparePhoto } from './prepare-photo.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const analysis = openAnalysis(spec, config, 'prepare_photo')
  const photos = openPhotos(analysis, config)
  const deps: PreparePhotoDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    ...photos,
    cache: analysis.openCache(config.OPENAI_MODEL),
    keepPrepared: (job, jpeg) => photos.objects.write(preparedKeyOf(job.objectKey), jpeg, 'image/jpeg'),
    readRules: createRuleReader(analysis.database),
    removePhoto: createPhotoRemover(photos.objects),
  }
  const app = createHandler({ ...analysis.eventApp, preparePhoto: (input) => preparePhoto(deps, input) })
  return { app, close: analysis.resources.close }
}

if (import.meta.main) await serve(start)
