import { colourGridDifference } from './colour-grid.ts'
import { hammingDistance } from './perceptual-hash.ts'

/** Most bits of 256 in which two copies of one photo may differ. */
export const PERCEPTUAL_DISTANCE_MAX = 10
/** Most levels of 255 by which any block of two copies of one photo may differ. */
export const COLOUR_GRID_DIFFERENCE_MAX = 4

export type PhotoFingerprint = { perceptualHash: string | null; colourGrid: string }

/**
 * Whether two pictures are copies of one photo, so that they may share an answer.
 *
 * Both limits must hold. A picture without a hash is never the same as another. Measured figures: README of this folder.
 */
export function isSamePhoto(a: PhotoFingerprint, b: PhotoFingerprint): boolean {
  if (a.perceptualHash === null || b.perceptualHash === null) return false
  if (hammingDistance(a.perceptualHash, b.perceptualHash) > PERCEPTUAL_DISTANCE_MAX) return false
  return colourGridDifference(a.colourGrid, b.colourGrid) <= COLOUR_GRID_DIFFERENCE_MAX
}
