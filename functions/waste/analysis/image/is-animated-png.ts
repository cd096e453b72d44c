// `acTL` and `IDAT` as big-endian numbers.
const animationControl = 0x6163544c
const imageData = 0x49444154

/**
 * Whether a PNG is animated, which libpng does not report: it decodes the first frame and ignores the rest.
 *
 * An animation declares itself by an `acTL` chunk before the first `IDAT` (PNG third edition, 11.3.6.1). A file may consist
 * of a million empty chunks, so each must be cheap.
 */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 8
  while (at + 12 <= bytes.length) {
    const chunkType = view.getUint32(at + 4)
    if (chunkType === animationControl) return true
    if (chunkType === imageData) return false
    // Length, type and check sum take 12 bytes around the content.
    at += view.getUint32(at) + 12
  }
  return false
}
