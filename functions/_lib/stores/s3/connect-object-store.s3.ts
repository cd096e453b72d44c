import type { OpenFunction } from '../../process/compose-function.ts'
import { type ObjectStoreConfig, objectStoreOptions } from '../../variables/groups.ts'
import { type ObjectStore, openObjectStore } from './object-store.s3.ts'

type WithObjectStore = Pick<OpenFunction, 'closeLater'> & { config: ObjectStoreConfig }

/**
 * Opens the object store of a function and closes it with the function. `requestTimeoutMs` is the deadline of one operation, 5000 by
 * default.
 */
export const connectObjectStore = (fn: WithObjectStore, options: { requestTimeoutMs?: number } = {}): ObjectStore =>
  fn.closeLater(openObjectStore({ ...objectStoreOptions(fn.config), ...options }))
