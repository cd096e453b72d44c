import sharp from 'sharp'
import type { Photo } from '../../local/demo/growbin-client.ts'

const cells = { width: 8, height: 8 }
const sidePx = 96

/** A small photo of spots in random colours: cheap to decode, and different enough from any other to miss the cache. */
export async function drawPhoto(random: () => number): Promise<Photo> {
  const colours = Uint8Array.from({ length: cells.width * cells.height * 3 }, () => Math.floor(random() * 256))
  const jpeg = await sharp(colours, { raw: { ...cells, channels: 3 } })
    .resize(sidePx, sidePx, { kernel: 'nearest' })
    .jpeg({ quality: 80 })
    .toBuffer()
  return { bytes: Uint8Array.from(jpeg), contentType: 'image/jpeg' }
}
