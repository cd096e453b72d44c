import sharp from 'sharp'

export type DrawnPhoto = { bytes: Uint8Array<ArrayBuffer>; contentType: string }

export type PhotoSize = { width: number; height: number }

const twoMegapixels: PhotoSize = { width: 1600, height: 1200 }
const cells = { width: 8, height: 6 }

/** Draws JPEG photos, of two megapixels by default, each with soft spots of different colours, so that no two look alike. */
export async function drawPhotos(
  count: number,
  random: () => number,
  size: PhotoSize = twoMegapixels,
): Promise<DrawnPhoto[]> {
  const photos: DrawnPhoto[] = []
  for (let drawn = 0; drawn < count; drawn += 1) photos.push(await drawPhoto(random, size))
  return photos
}

async function drawPhoto(random: () => number, { width, height }: PhotoSize): Promise<DrawnPhoto> {
  const colours = Uint8Array.from({ length: cells.width * cells.height * 3 }, () => Math.floor(random() * 256))
  const jpeg = await sharp(colours, { raw: { ...cells, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality: 85 })
    .toBuffer()
  return { bytes: Uint8Array.from(jpeg), contentType: 'image/jpeg' }
}
