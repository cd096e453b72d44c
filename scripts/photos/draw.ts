/** Draws all sample photos: `node scripts/photos/draw.ts`. The same code gives the same pictures. */
import { join } from 'node:path'
import sharp from 'sharp'
import { aluminiumCan } from './scenes/aluminium-can.ts'
import { battery } from './scenes/battery.ts'
import { cardboardBox } from './scenes/cardboard-box.ts'
import { glassBottle } from './scenes/glass-bottle.ts'
import { milkCarton } from './scenes/milk-carton.ts'
import { FRAME } from './scenes/parts.ts'
import { petBottle } from './scenes/pet-bottle.ts'
import { pottedPlant } from './scenes/potted-plant.ts'
import { snackBag } from './scenes/snack-bag.ts'
import { styrofoamTray } from './scenes/styrofoam-tray.ts'

const JPEG_QUALITY = 85
const GRAIN_LEVELS = 9

const scenes = {
  'pet-bottle': petBottle,
  'aluminium-can': aluminiumCan,
  'milk-carton': milkCarton,
  'cardboard-box': cardboardBox,
  'glass-bottle': glassBottle,
  battery,
  'styrofoam-tray': styrofoamTray,
  'snack-bag': snackBag,
  'potted-plant': pottedPlant,
}

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

for (const [name, draw] of Object.entries(scenes)) {
  const raw = await sharp(Buffer.from(draw())).removeAlpha().blur(0.8).raw().toBuffer()
  develop(raw)
  const photo = sharp(raw, { raw: { ...FRAME, channels: 3 } }).jpeg({ quality: JPEG_QUALITY })
  const file = join(import.meta.dirname, `${name}.jpg`)
  const { size } = await (name === 'pet-bottle' ? photo.withExif(phoneExif) : photo).toFile(file)
  console.log(`${name}.jpg ${Math.round(size / 1024)} KB`)
}
