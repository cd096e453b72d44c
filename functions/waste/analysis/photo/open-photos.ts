import type { OpenFunction } from '../../../_lib/process/compose-function.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { connectObjectStore } from '../../../_lib/stores/s3/connect-object-store.s3.ts'
import type { ObjectStoreConfig } from '../../../_lib/variables/groups.ts'
import { openImagePreparer } from '../image/open-image-preparer.ts'
import { createPhotoReader } from './read-photo.ts'
import { createPhotoRecorder } from './record-photo.pg.ts'

/** Opens the store of the photos, and the parts that read, prepare and keep them. */
export function openPhotos(fn: Pick<OpenFunction, 'closeLater'> & { config: ObjectStoreConfig }, database: Database) {
  const objects = connectObjectStore(fn)
  const { prepareImage } = fn.closeLater(openImagePreparer())
  return { objects, usePhoto: createPhotoReader(objects), prepareImage, recordPhoto: createPhotoRecorder(database) }
}
