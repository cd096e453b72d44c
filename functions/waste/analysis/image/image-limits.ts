import type { Metadata } from 'sharp'
import type { ImageType } from '../../sniff-image-type.ts'

export type ImageLimits = {
  allowedTypes: readonly ImageType[]
  /** Read from the header, before anything is decoded. */
  pixelsMax: number
  /** Of HEVC, whose decoder takes the most memory. */
  heicPixelsMax: number
  sidePxMax: number
  sidePxMin: number
  /** The prepared picture fits into these two. */
  shortSidePxMax: number
  longSidePxMax: number
  jpegQuality: number
  timeoutSeconds: number
}

/**
 * 768 × 1536 is the size above which vision models scale down themselves, so more pixels cost upload and tokens for nothing.
 * Phones declare HEIC and HEIF for the same files; what is inside shows in the header.
 */
export const imageLimits: ImageLimits = {
  allowedTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic', 'image/heif'],
  pixelsMax: 25_000_000,
  // What iPhones take since 2023: 5712 × 4284.
  heicPixelsMax: 24_500_000,
  sidePxMax: 8000,
  sidePxMin: 16,
  shortSidePxMax: 768,
  longSidePxMax: 1536,
  jpegQuality: 80,
  timeoutSeconds: 10,
}

export type ImageRejection =
  | 'not_an_image'
  | 'type_mismatch'
  | 'too_many_pixels'
  | 'too_small'
  | 'animated'
  | 'corrupt'
  | 'unsupported_codec'

/** Whether the detected type matches the declared one. */
export function isSameType(type: ImageType, declaredType: string): boolean {
  if (type === declaredType) return true
  // One container; phones declare either for the same file.
  return declaredType === 'image/heif' || declaredType === 'image/heic'
    ? type === 'image/heic' || type === 'image/heif'
    : false
}

const readableHeifCodecs: Metadata['compression'][] = ['av1', 'hevc']

/** Rejects a photo by its header, before anything is decoded; undefined when it is acceptable. */
export function checkHeader(header: Metadata, limits: ImageLimits): ImageRejection | undefined {
  const { width, height } = header
  if (header.format === 'heif' && !readableHeifCodecs.includes(header.compression)) return 'unsupported_codec'
  if ((header.pages ?? 1) > 1) return 'animated'
  const pixelsMax = header.compression === 'hevc' ? limits.heicPixelsMax : limits.pixelsMax
  if (width * height > pixelsMax || Math.max(width, height) > limits.sidePxMax) return 'too_many_pixels'
  if (Math.min(width, height) < limits.sidePxMin) return 'too_small'
  return undefined
}
