/**
 * Measures the perceptual hash: distances between variants of one photo, and between different photos.
 *
 *     node functions/waste/analysis/image/hash/measure-perceptual-hash.ts [folder with photos]
 *
 * Photos come from the folder (default: scripts/photos) and from drawn scenes. Among the drawn ones are pairs in which only
 * the object differs while table, light and clutter stay the same: the worst case for a false match.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import sharp from 'sharp'
import { openImagePreparer } from '../open-image-preparer.ts'
import { colourGridDifference } from './colour-grid.ts'
import { drawHiddenText, hidingInks } from './draw-hidden-text.ts'
import { drawScene, type Scene, sceneObjects } from './draw-scene.ts'
import { isSamePhoto, type PhotoFingerprint } from './is-same-photo.ts'
import { hammingDistance } from './perceptual-hash.ts'

const { prepareImage } = openImagePreparer()

type Picture = { name: string; bytes: Buffer }
type Comparison = { distance: number; difference: number; isMatch: boolean }

const mediaTypes: Record<string, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  heif: 'image/avif',
}

async function fingerprintOf(bytes: Buffer): Promise<PhotoFingerprint> {
  const { format = '' } = await sharp(bytes).metadata()
  const outcome = await prepareImage(bytes, mediaTypes[format] ?? '')
  if (outcome.kind === 'rejected') throw new Error(`A measured picture was rejected as "${outcome.reason}"`)
  return outcome
}

function compare(a: PhotoFingerprint, b: PhotoFingerprint): Comparison {
  const isComparable = a.perceptualHash !== null && b.perceptualHash !== null
  return {
    distance: isComparable ? hammingDistance(a.perceptualHash ?? '', b.perceptualHash ?? '') : 256,
    difference: colourGridDifference(a.colourGrid, b.colourGrid),
    isMatch: isSamePhoto(a, b),
  }
}

/** The ways in which the same photo is sent again: forwarded, re-saved, scaled, cropped. */
async function variantsOf({ bytes }: Picture): Promise<Record<string, Buffer>> {
  const { width, height } = await sharp(bytes).metadata()
  const jpeg = (quality: number) => sharp(bytes).jpeg({ quality }).toBuffer()
  const crop = (share: number) => {
    const left = Math.round(width * share)
    const top = Math.round(height * share)
    return sharp(bytes)
      .extract({ left, top, width: width - 2 * left, height: height - 2 * top })
      .jpeg({ quality: 90 })
      .toBuffer()
  }
  const bright = (factor: number) => sharp(bytes).modulate({ brightness: factor }).jpeg({ quality: 90 }).toBuffer()
  const scaled = (share: number) =>
    sharp(bytes)
      .resize(Math.round(width * share))
      .jpeg({ quality: 85 })
      .toBuffer()
  // Stored turned left and tagged to be turned right: what a phone held upright writes.
  const turned = await sharp(bytes).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 92 }).toBuffer()
  return {
    'JPEG quality 95': await jpeg(95),
    'JPEG quality 80': await jpeg(80),
    'JPEG quality 60': await jpeg(60),
    'JPEG quality 40': await jpeg(40),
    'scaled to 75 %': await scaled(0.75),
    'scaled to 50 %': await scaled(0.5),
    'scaled to 25 %': await scaled(0.25),
    'scaled to 50 %, quality 40': await sharp(await scaled(0.5))
      .jpeg({ quality: 40 })
      .toBuffer(),
    PNG: await sharp(bytes).png({ compressionLevel: 1 }).toBuffer(),
    'WebP quality 75': await sharp(bytes).webp({ quality: 75, effort: 1 }).toBuffer(),
    'EXIF orientation 6': turned,
    'brightness 90 %': await bright(0.9),
    'brightness 110 %': await bright(1.1),
    'brightness 125 %': await bright(1.25),
    'crop 0.5 % each side': await crop(0.005),
    'crop 1 % each side': await crop(0.01),
    'crop 1.5 % each side': await crop(0.015),
  }
}

async function readPhotos(folder: string): Promise<Picture[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const photos = names.filter((name) => ['.jpg', '.jpeg', '.png', '.webp'].includes(extname(name)))
  return Promise.all(photos.sort().map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })))
}

function describe(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => String(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? '-')
  return [at(0), at(0.5), at(0.95), at(1)].map((text) => text.padStart(4)).join(' ')
}

function report(name: string, comparisons: Comparison[]): void {
  const matches = comparisons.filter(({ isMatch }) => isMatch).length
  const distances = describe(comparisons.map(({ distance }) => distance))
  const differences = describe(comparisons.map(({ difference }) => difference))
  console.log(
    `  ${name.padEnd(30)} ${String(comparisons.length).padStart(4)} ${distances}  |${differences}  | ${matches}`,
  )
}

const objectOf = (seed: number, step = 0) => sceneObjects[(seed + step) % sceneObjects.length] ?? 'bottle'
const seeds = Array.from({ length: 16 }, (_, at) => at + 1)

const pictures = await readPhotos(process.argv[2] ?? join(import.meta.dirname, '../../../../../scripts/photos'))
console.log(`${pictures.length} photos from the folder, ${seeds.length} drawn scenes`)
const before = new Map<number, PhotoFingerprint>()
for (const seed of seeds) {
  const picture = { name: `scene ${seed} ${objectOf(seed)}`, bytes: await drawScene({ seed, object: objectOf(seed) }) }
  before.set(seed, await fingerprintOf(picture.bytes))
  pictures.push(picture)
}

const columns = 'pairs  distance least/median/95 %/most | block difference likewise | matches'
console.log(`\nSame photo, by variant: ${columns}`)
const originals: (PhotoFingerprint & { name: string })[] = []
const byVariant = new Map<string, Comparison[]>()
for (const picture of pictures) {
  const fingerprint = await fingerprintOf(picture.bytes)
  originals.push({ ...fingerprint, name: picture.name })
  for (const [variant, bytes] of Object.entries(await variantsOf(picture))) {
    byVariant.set(variant, [...(byVariant.get(variant) ?? []), compare(fingerprint, await fingerprintOf(bytes))])
  }
}
for (const [variant, comparisons] of byVariant) report(variant, comparisons)

console.log(`\nDifferent photos: ${columns}`)
const apart = originals.flatMap((a, at) => originals.slice(at + 1).map((b) => compare(a, b)))
report('any two', apart)

console.log(`\nSame place and light, something else in it: ${columns}`)
const changes: Record<string, (seed: number) => Scene> = {
  'another object': (seed) => ({ seed, object: objectOf(seed, 3) }),
  'object gone': (seed) => ({ seed, object: 'nothing' }),
  'object green': (seed) => ({ seed, object: objectOf(seed), tint: '#2f7d3a' }),
  'object of the same brightness': (seed) => ({ seed, object: objectOf(seed), hueRotate: 120 }),
  'object moved by 2 %': (seed) => ({ seed, object: objectOf(seed), shift: 0.02 }),
  'label off': (seed) => ({ seed, object: objectOf(seed), label: false }),
}
for (const [change, sceneOf] of Object.entries(changes)) {
  const comparisons: Comparison[] = []
  for (const [seed, fingerprint] of before)
    comparisons.push(compare(fingerprint, await fingerprintOf(await drawScene(sceneOf(seed)))))
  report(change, comparisons)
}
const small: Comparison[] = []
for (const seed of seeds) {
  const one = await fingerprintOf(await drawScene({ seed, object: objectOf(seed), scale: 0.4 }))
  const other = await fingerprintOf(await drawScene({ seed, object: objectOf(seed, 3), scale: 0.4 }))
  small.push(compare(one, other))
}
report('another object, a tenth as big', small)

console.log(`\nThe same photo with words that its means do not show: ${columns}`)
for (const [name, ink] of Object.entries(hidingInks)) {
  const comparisons: Comparison[] = []
  for (const { bytes } of pictures) {
    const { original, written } = await drawHiddenText(bytes, ['BATTERY', 'NOT PET'], ink)
    comparisons.push(compare(await fingerprintOf(original), await fingerprintOf(written)))
  }
  report(name, comparisons)
}

const skipped = originals.filter(({ perceptualHash }) => perceptualHash === null).map(({ name }) => name)
console.log(`\nToo little detail: ${skipped.length === 0 ? 'none' : skipped.join(', ')}`)
