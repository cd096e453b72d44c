import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectObjectStore } from '../../_lib/stores/s3/connect-object-store.s3.ts'
import { createIdentifier } from '../analysis/model/create-identifier.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { imageBytesMax } from '../image-content-type.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type IdentifyItemDeps, identifyItem } from './identify-item.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const analysis = openAnalysis(fn, 'identify_item')
  const objects = connectObjectStore(fn)
  const deps: IdentifyItemDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    readPrepared: (job) => objects.read(preparedKeyOf(job.objectKey), imageBytesMax),
    cache: analysis.openCache(fn.config.OPENAI_MODEL),
    identifyWaste: createIdentifier(analysis.database, fn.config),
    removePhoto: createPhotoRemover(objects),
  }
  return createHandler({ ...analysis.eventApp, identifyItem: (input) => identifyItem(deps, input) })
})
