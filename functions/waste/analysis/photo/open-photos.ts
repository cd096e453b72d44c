import type { Resources } from '../../../_lib/process/resources.ts'
import { type ObjectStoreConfig, objectStoreOptions } from '../../../_lib/process/variables.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { openObjectStore } from '../../../_lib/stores/object-store.s3.ts'
import { openImagePreparer } from '../image/open-image-preparer.ts'
import { createPhotoReader } from './read-photo.ts'
import { createPhotoRecorder } from './record-photo.pg.ts'

/** Opens the store of the photos, and what reads, prepares and keeps them. */
export function openPhotos(
  { resources, database }: { resources: Resources; database: Database },
  config: ObjectStoreConfig,
) {
  const objects = resources.add(openObjectStore(objectStoreOptions(config)))
  const { prepareImage } = resources.add(openImagePreparer())
  return { objects, usePhoto: createPhotoReader(objects), prepareImage, recordPhoto: createPhotoRecorder(database) }
}
