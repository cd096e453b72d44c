import sharp from 'sharp'
import { invalidRequest } from '../wire/openai-errors.ts'

/** Side of the thumbnail by which pictures are compared. */
export const THUMBNAIL_SIDE = 24
const PIXELS_MAX = 50_000_000
const FORMATS = ['jpeg', 'png', 'webp', 'gif']

export type DecodedImage = {
  width: number
  height: number
  /** True when the picture still has EXIF, which may contain a location. */
  hasExif: boolean
  /** RGB bytes of the picture squeezed to THUMBNAIL_SIDE². */
  thumbnail: Uint8Array
}

/** The bytes of a base64 data URL; throws the API's 400 for anything else. */
export function parseDataUrl(url: string): Buffer {
  const match = /^data:image\/[a-z0-9.+-]+;base64,/.exec(url.slice(0, 64))
  if (!match) throw invalidRequest('invalid_image_url', 'Simulated: only base64 data URLs of images are read.', 'url')
  const bytes = Buffer.from(url.slice(match[0].length), 'base64')
  if (bytes.length === 0) throw invalidRequest('empty_image_file', 'Simulated: the image is empty.', 'url')
  return bytes
}

/** Decodes every pixel; throws the API's 400 when it cannot. */
export async function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  const options = { failOn: 'error', limitInputPixels: PIXELS_MAX } as const
  const metadata = await sharp(bytes, options).metadata().catch(refuse)
  if (!FORMATS.includes(metadata.format)) {
    throw invalidRequest(
      'invalid_image_format',
      `Simulated: found "${metadata.format}", expected ${FORMATS.join(', ')}.`,
    )
  }
  const thumbnail = await thumbnailOf(bytes).catch(refuse)
  return { width: metadata.width, height: metadata.height, hasExif: metadata.exif !== undefined, thumbnail }
}

/** RGB bytes of the upright picture squeezed to THUMBNAIL_SIDE². */
export async function thumbnailOf(input: Uint8Array | string): Promise<Uint8Array> {
  return await sharp(input, { failOn: 'error', limitInputPixels: PIXELS_MAX })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'fill' })
    .raw()
    .toBuffer()
}

function refuse(): never {
  throw invalidRequest('invalid_image', 'Simulated: the image data is not a whole picture that can be decoded.')
}
