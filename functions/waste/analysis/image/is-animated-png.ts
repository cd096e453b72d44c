/**
 * Whether a PNG is animated, which libpng does not tell: it shows the first frame and ignores the rest.
 *
 * An animation declares itself by an `acTL` chunk before the first `IDAT` (PNG third edition, 11.3.6.1).
 */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 8
  while (at + 12 <= bytes.length) {
    const chunkType = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (chunkType === 'acTL') return true
    if (chunkType === 'IDAT') return false
    // Length, type and check sum take 12 bytes around the content.
    at += view.getUint32(at) + 12
  }
  return false
}
