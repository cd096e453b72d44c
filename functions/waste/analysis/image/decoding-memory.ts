import type { Metadata } from 'sharp'

const mebibyte = 1_048_576

/** Of a picture that is read row by row: 66 MiB were measured for a PNG of 24 megapixels with 64 bits each. */
export const streamedBytes = 64 * mebibyte

/** Measured with 24 megapixels: 8.3 bytes a pixel for a progressive JPEG, 9.8 for an interlaced PNG of 64 bits a pixel. */
export function decodedBytes({ width, height, isProgressive, format }: Metadata): number {
  const isStreamed = !isProgressive && (format === 'jpeg' || format === 'png')
  return isStreamed ? streamedBytes : Math.max(streamedBytes, width * height * 10)
}

/** Measured with 24 megapixels: 7.3 bytes a pixel, 9.3 with alpha; libheif copies the file besides. */
export function heicHeapBytes({ length }: Uint8Array, { width, height, hasAlpha }: Metadata): number {
  return width * height * (hasAlpha ? 10 : 8) + 4 * length
}
