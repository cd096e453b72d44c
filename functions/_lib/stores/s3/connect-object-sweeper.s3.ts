import type { OpenFunction } from '../../process/compose-function.ts'
import { type ObjectStoreConfig, objectStoreOptions } from '../../variables/groups.ts'
import { type ObjectSweeper, openObjectSweeper } from './object-sweeper.s3.ts'

type WithObjectStore = Pick<OpenFunction, 'closeLater'> & { config: ObjectStoreConfig }

/**
 * Opens the object store for bulk removal and closes it with the function. `requestTimeoutMs` is the deadline of one operation, 10,000 by
 * default.
 */
export const connectObjectSweeper = (fn: WithObjectStore, options: { requestTimeoutMs?: number } = {}): ObjectSweeper =>
  fn.closeLater(openObjectSweeper({ ...objectStoreOptions(fn.config), ...options }))
