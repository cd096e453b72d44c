/** Develops a photo from each drawing in `scenes`: `node scripts/photos/draw.ts`. The same drawing gives the same photo. */
import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import sharp from 'sharp'

/** Size of every sample photo, in pixels. */
const FRAME = { width: 1600, height: 1200 }
const JPEG_QUALITY = 85
const GRAIN_LEVELS = 9

/** EXIF as written by a phone: the demo's default photo contains a location, so that its removal can be shown. */
const phoneExif = {
  IFD0: { Make: 'Growbin', Model: 'Drawn sample', Software: 'scripts/photos/draw.ts' },
  IFD2: { DateTimeOriginal: '2026:01:15 09:30:00' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '37/1 33/1 5940/100',
    GPSLongitudeRef: 'E',
    GPSLongitude: '126/1 58/1 4080/100',
  },
}

/** Sensor noise and a dark border, from a fixed multiplicative congruential sequence. */
function develop(pixels: Buffer): void {
  let state = 20_260_115
  for (let i = 0; i < pixels.length; i += 3) {
    state = (state * 48_271) % 2_147_483_647
    const noise = (state / 2_147_483_647 - 0.5) * GRAIN_LEVELS
    const x = ((i / 3) % FRAME.width) / FRAME.width - 0.5
    const y = Math.floor(i / 3 / FRAME.width) / FRAME.height - 0.5
    const vignette = 1 - 0.5 * (x * x + y * y)
    for (let c = i; c < i + 3; c++)
      pixels[c] = Math.min(255, Math.max(0, Math.round((pixels[c] ?? 0) * vignette + noise)))
  }
}

for await (const drawing of glob(join(import.meta.dirname, 'scenes/*.svg'))) {
  const name = basename(drawing, '.svg')
  const raw = await sharp(drawing).removeAlpha().blur(0.8).raw().toBuffer()
  develop(raw)
  const photo = sharp(raw, { raw: { ...FRAME, channels: 3 } }).jpeg({ quality: JPEG_QUALITY })
  const file = join(import.meta.dirname, `${name}.jpg`)
  const { size } = await (name === 'pet-bottle' ? photo.withExif(phoneExif) : photo).toFile(file)
  console.log(`${name}.jpg ${Math.round(size / 1024)} KB`)
}
