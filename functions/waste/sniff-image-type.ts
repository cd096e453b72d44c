/** Media types that the bytes of a file can prove. */
export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/heic' | 'image/heif' | 'image/avif'

/** The number of leading bytes that `sniffImageType` reads. */
export const SNIFF_BYTES = 32

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'
// ISO/IEC 23008-12 (HEIF), annexes B and E, and the AV1 Image File Format, section 6.
const HEVC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']
const AVIF_BRANDS = ['avif', 'avis']
const HEIF_BRANDS = ['mif1', 'msf1']

/**
 * Detects the image type from the first bytes; ignores the file name and the declared type.
 *
 * Give it the first 32 bytes or more. Returns undefined for everything that is not one of `ImageType`.
 */
export function sniffImageType(bytes: Uint8Array): ImageType | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, SNIFF_BYTES))
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith(PNG_SIGNATURE)) return 'image/png'
  if (head.startsWith('RIFF') && /^WEBPVP8[ LX]/.test(head.slice(8))) return 'image/webp'
  if (head.slice(4, 8) === 'ftyp')
    return sniffHeifBrand(head, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
  return undefined
}

/** The major brand may be the generic `mif1`, and the codec named only among the compatible brands that follow it. */
function sniffHeifBrand(head: string, boxBytes: number): ImageType | undefined {
  if (boxBytes < 16) return undefined
  const brands = [head.slice(8, 12)]
  for (let at = 16; at + 4 <= Math.min(boxBytes, head.length); at += 4) brands.push(head.slice(at, at + 4))
  const major = brands[0] ?? ''
  if (![...HEVC_BRANDS, ...AVIF_BRANDS, ...HEIF_BRANDS].includes(major)) return undefined
  if (HEVC_BRANDS.includes(major)) return 'image/heic'
  if (AVIF_BRANDS.includes(major)) return 'image/avif'
  if (brands.some((brand) => HEVC_BRANDS.includes(brand))) return 'image/heic'
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return 'image/avif'
  return 'image/heif'
}
