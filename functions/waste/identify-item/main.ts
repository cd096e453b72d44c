import type { Environment } from '../../_lib/process/config.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { objectStoreOptions } from '../../_lib/process/variables.ts'
import { openObjectStore } from '../../_lib/stores/object-store.s3.ts'
import { createIdentifier } from '../analysis/model/create-identifier.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { imageBytesMax } from '../image-content-type.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type IdentifyItemDeps, identifyItem } from './identify-item.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const analysis = openAnalysis(spec, config, 'identify_item')
  const objects = analysis.resources.add(openObjectStore(objectStoreOptions(config)))
  const deps: IdentifyItemDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    readPrepared: (job) => objects.read(preparedKeyOf(job.objectKey), imageBytesMax),
    cache: analysis.openCache(config.OPENAI_MODEL),
    identifyWaste: createIdentifier(analysis.database, config),
    removePhoto: createPhotoRemover(objects),
  }
  const app = createHandler({ ...analysis.eventApp, identifyItem: (input) => identifyItem(deps, input) })
  return { app, close: analysis.resources.close }
}

if (import.meta.main) await serve(start)
