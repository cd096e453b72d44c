import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { DrawnPhoto } from '../analyses/draw-photos.ts'

export type HostilePhoto = DrawnPhoto & { name: string }

const size = { width: 5712, height: 4284 }
const bytesMax = 10_485_760
const heicFolder = new URL('../../../functions/waste/analysis/image/heic/testing/', import.meta.url)

/** Draws the photos of every accepted type that are most expensive to decode within the declared limits. */
export async function drawHostilePhotos(): Promise<HostilePhoto[]> {
  const flat = (channels: 3 | 4) => sharp({ create: { ...size, channels, background: '#4a6' } })
  const noise = () =>
    sharp({ create: { ...size, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 30 } } })
  const jpeg = { progressive: true, chromaSubsampling: '4:4:4' }
  const heic = (name: string) => readFile(fileURLToPath(new URL(name, heicFolder)))
  const made: [string, string, () => Promise<Buffer>][] = [
    ['HEIC', 'image/heic', () => heic('24-megapixels.heic')],
    ['HEIC with alpha', 'image/heic', () => heic('24-megapixels-alpha.heic')],
    [
      'progressive JPEG of noise',
      'image/jpeg',
      () =>
        noise()
          .jpeg({ ...jpeg, quality: 50 })
          .toBuffer(),
    ],
    ['progressive JPEG in CMYK', 'image/jpeg', () => flat(3).toColourspace('cmyk').jpeg(jpeg).toBuffer()],
    ['JPEG of noise', 'image/jpeg', () => noise().jpeg({ quality: 75 }).toBuffer()],
    [
      'interlaced PNG, 64 bits',
      'image/png',
      () => flat(4).toColourspace('rgb16').png({ progressive: true }).toBuffer(),
    ],
    ['PNG, 64 bits', 'image/png', () => flat(4).toColourspace('rgb16').png().toBuffer()],
    ['PNG of empty chunks', 'image/png', async () => pngOfEmptyChunks()],
    ['WebP with alpha', 'image/webp', () => flat(4).webp({ effort: 0 }).toBuffer()],
    ['WebP of noise', 'image/webp', () => noise().webp({ effort: 0, quality: 40 }).toBuffer()],
  ]
  const photos: HostilePhoto[] = []
  for (const [name, contentType, draw] of made) {
    const bytes = Uint8Array.from(await draw())
    if (bytes.length > bytesMax) throw new Error(`"${name}" has ${bytes.length} bytes, more than the upload limit`)
    photos.push({ name, contentType, bytes })
  }
  return photos
}

/** The same picture with another SHA-256: decoders ignore bytes after the end of a file. */
export function renewed<Photo extends DrawnPhoto>(photo: Photo): Photo {
  const bytes = Uint8Array.from(photo.bytes)
  if (photo.contentType === 'image/heic') {
    // An empty box (ISO/IEC 14496-12, 8.1.2), since only boxes may follow.
    const box = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('free'), randomBytes(16)])
    return { ...photo, bytes: Uint8Array.from(Buffer.concat([bytes, box])) }
  }
  return { ...photo, bytes: Uint8Array.from(Buffer.concat([bytes.subarray(0, bytesMax - 16), randomBytes(16)])) }
}

function pngOfEmptyChunks(): Buffer {
  const png = Buffer.alloc(bytesMax)
  png.write('\x89PNG\r\n\x1a\n', 'latin1')
  for (let at = 8; at + 12 <= png.length; at += 12) png.write('tEXt', at + 4, 'latin1')
  return png
}
