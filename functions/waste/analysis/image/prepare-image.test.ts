import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawScene } from './hash/draw-scene.ts'
import { isSamePhoto } from './hash/is-same-photo.ts'
import { hammingDistance } from './hash/perceptual-hash.ts'
import { imageLimits } from './image-limits.ts'
import { isAnimatedPng } from './is-animated-png.ts'
import { openImagePreparer } from './open-image-preparer.ts'
import type { PreparedImage } from './prepare-image.ts'

const photosFolder = join(import.meta.dirname, '../../../../scripts/photos')
// `pet-bottle.jpg` of the sample photos, saved as HEIC by libheif's `heif-enc -q 40` with x265.
const heic = await readFile(join(import.meta.dirname, 'heic/testing/pet-bottle.heic'))

let photo: Buffer
beforeAll(async () => {
  photo = await sharp(await drawScene({ seed: 5, object: 'bottle' }))
    .jpeg({ quality: 92 })
    .toBuffer()
}, 30_000)

const preparer = openImagePreparer()
const { prepareImage } = preparer
afterAll(preparer.close)

async function prepared(bytes: Uint8Array, type: string): Promise<PreparedImage> {
  const outcome = await prepareImage(bytes, type)
  if (outcome.kind === 'rejected') throw new Error(`rejected as "${outcome.reason}"`)
  return outcome
}

const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#4a6' } })

describe('prepareImage', () => {
  it.each([
    ['image/jpeg', (bytes: Buffer) => sharp(bytes).jpeg().toBuffer()],
    ['image/png', (bytes: Buffer) => sharp(bytes).png({ compressionLevel: 1 }).toBuffer()],
    ['image/webp', (bytes: Buffer) => sharp(bytes).webp({ effort: 0 }).toBuffer()],
    ['image/avif', (bytes: Buffer) => sharp(bytes).resize(400).avif({ effort: 0 }).toBuffer()],
    ['image/png', (bytes: Buffer) => sharp(bytes).toColourspace('b-w').png().toBuffer()],
    ['image/png', (bytes: Buffer) => sharp(bytes).ensureAlpha(0.5).toColourspace('rgb16').png().toBuffer()],
    ['image/jpeg', (bytes: Buffer) => sharp(bytes).toColourspace('cmyk').jpeg().toBuffer()],
    ['image/jpeg', (bytes: Buffer) => sharp(bytes).jpeg({ progressive: true }).toBuffer()],
  ])('makes a small sRGB JPEG of %s, as written by %s', async (type, write) => {
    const outcome = await prepared(await write(photo), type)
    const header = await sharp(outcome.jpeg).metadata()
    expect(header).toMatchObject({
      format: 'jpeg',
      space: 'srgb',
      channels: 3,
      width: outcome.width,
      height: outcome.height,
    })
    expect(outcome.width).toBeLessThanOrEqual(1536)
    expect(outcome.height).toBeLessThanOrEqual(768)
    expect(outcome.perceptualHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('leaves out EXIF with position, XMP, ICC and everything after the picture', async () => {
    const canary = 'CANARY-37.5665N-126.9780E'
    const tagged = await sharp(photo)
      .withExif({ IFD0: { ImageDescription: canary }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 59/1' } })
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><!--${canary}--></x:xmpmeta>`)
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    const polyglot = Buffer.concat([tagged, Buffer.from(`<script>${canary}</script>`)])
    expect(polyglot.toString('latin1').split(canary)).toHaveLength(4)
    const { jpeg } = await prepared(polyglot, 'image/jpeg')
    expect(jpeg.toString('latin1')).not.toMatch(/CANARY|Exif|http:\/\/ns.adobe|ICC_PROFILE|script/)
    const { exif, xmp, icc, iptc, orientation } = await sharp(jpeg).metadata()
    expect([exif, xmp, icc, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined, undefined])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a photo with EXIF orientation %i upright', async (orientation) => {
    const stored = await sharp(photo).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
    const upright = await sharp(stored).autoOrient().jpeg({ quality: 95 }).toBuffer()
    const [ours, expected] = [await prepared(stored, 'image/jpeg'), await prepared(upright, 'image/jpeg')]
    expect([ours.width, ours.height]).toEqual([expected.width, expected.height])
    expect(isSamePhoto(ours, expected)).toBe(true)
  })

  it.each([
    [4000, 3000, 1024, 768],
    [3000, 4000, 768, 1024],
    [4000, 1000, 1536, 384],
    [640, 480, 640, 480],
    [16, 16, 16, 16],
  ])('fits %i × %i into %i × %i', async (width, height, fitWidth, fitHeight) => {
    const outcome = await prepared(await plain(width, height).png().toBuffer(), 'image/png')
    expect([outcome.width, outcome.height]).toEqual([fitWidth, fitHeight])
  })

  it.each(['#000', '#fff', '#c8b9a0'])('gives a flat picture in %s no hash', async (background) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 4 } as const
    const grain = await sharp({ create: { width: 800, height: 600, channels: 3, background, noise } })
      .png()
      .toBuffer()
    const wall = await plain(800, 600)
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg()
      .toBuffer()
    for (const bytes of [
      wall,
      await sharp({ create: { width: 800, height: 600, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    ]) {
      expect((await prepared(bytes, 'image/jpeg')).perceptualHash).toBeNull()
    }
  })

  it('rejects what is no image, or another type than declared', async () => {
    const reject = async (bytes: Uint8Array, type: string) => (await prepareImage(bytes, type)) as { reason: string }
    expect(await reject(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/jpeg')).toEqual({
      kind: 'rejected',
      reason: 'not_an_image',
    })
    expect(await reject(new Uint8Array(), 'image/jpeg')).toEqual({ kind: 'rejected', reason: 'not_an_image' })
    expect(await reject(photo, 'image/png')).toEqual({ kind: 'rejected', reason: 'type_mismatch' })
    const limits = { ...imageLimits, allowedTypes: ['image/png'] as const }
    expect(await openImagePreparer(limits).prepareImage(photo, 'image/jpeg')).toEqual({
      kind: 'rejected',
      reason: 'type_mismatch',
    })
  })

  it.each([
    ['more than 25 megapixels', 5001, 5000],
    ['a side over 8000', 8001, 20],
    ['a size that a few bytes only claim', 65_535, 65_535],
  ])('rejects %s by the header alone', async (_name, width, height) => {
    // The pixels are missing, so that decoding them would be noticed as a broken file.
    const png = await plain(32, 32).png().toBuffer()
    png.writeUInt32BE(width, 16)
    png.writeUInt32BE(height, 20)
    expect(await prepareImage(withHeaderChecksum(png), 'image/png')).toEqual({
      kind: 'rejected',
      reason: 'too_many_pixels',
    })
  })

  it('rejects a picture under 16 pixels', async () => {
    expect(await prepareImage(await plain(300, 15).png().toBuffer(), 'image/png')).toEqual({
      kind: 'rejected',
      reason: 'too_small',
    })
  })

  it('rejects animations in WebP and PNG', async () => {
    const frames = [await plain(32, 32).png().toBuffer(), await plain(32, 32).negate().png().toBuffer()]
    const webp = await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer()
    expect(await prepareImage(webp, 'image/webp')).toEqual({ kind: 'rejected', reason: 'animated' })
    const [first] = frames
    if (!first) throw new Error('no frame')
    const chunk = Buffer.from('\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1')
    const apng = Buffer.concat([first.subarray(0, 33), chunk, first.subarray(33)])
    expect(await prepareImage(apng, 'image/png')).toEqual({ kind: 'rejected', reason: 'animated' })
  })

  it.each([0.99, 0.5, 0.01])('rejects a photo of which only %f has arrived', async (share) => {
    expect(await prepareImage(photo.subarray(0, photo.length * share), 'image/jpeg')).toEqual({
      kind: 'rejected',
      reason: 'corrupt',
    })
  })

  it('reads a HEIC photo, declared either way, as the same picture that it was made from', async () => {
    const jpeg = await prepareImage(await readFile(join(photosFolder, 'pet-bottle.jpg')), 'image/jpeg')
    for (const type of ['image/heic', 'image/heif']) {
      const prepared = await prepareImage(heic, type)
      if (prepared.kind !== 'prepared' || jpeg.kind !== 'prepared') throw new Error('Neither may be rejected')
      expect([prepared.width, prepared.height]).toEqual([jpeg.width, jpeg.height])
      expect(hammingDistance(prepared.perceptualHash ?? '', jpeg.perceptualHash ?? '')).toBeLessThan(16)
    }
    expect(await prepareImage(heic, 'image/jpeg')).toEqual({ kind: 'rejected', reason: 'type_mismatch' })
  })

  it('rejects a broken HEIC photo, and reads a good one after it', async () => {
    for (let at = 24; at < heic.length; at += 1_511) {
      const damaged = Buffer.from(heic)
      damaged.fill(at, at, at + 64)
      expect(['prepared', 'rejected']).toContain((await prepareImage(damaged, 'image/heic')).kind)
    }
    expect(await prepareImage(heic.subarray(0, 2_000), 'image/heic')).toMatchObject({ kind: 'rejected' })
    expect(await prepareImage(heic, 'image/heic')).toMatchObject({ kind: 'prepared' })
  })

  it('refuses a HEIC photo of too many pixels from its header', async () => {
    const narrow = openImagePreparer({ ...imageLimits, heicPixelsMax: 1_000_000 })
    expect(await narrow.prepareImage(heic, 'image/heic')).toEqual({
      kind: 'rejected',
      reason: 'too_many_pixels',
    })
  })

  it.each(['24-megapixels.heic', '24-megapixels-alpha.heic'])(
    'prepares %s, the most that a phone takes',
    async (name) => {
      const bytes = await readFile(join(import.meta.dirname, 'heic/testing', name))
      expect(await prepareImage(bytes, 'image/heic')).toMatchObject({ kind: 'prepared', width: 1024, height: 768 })
    },
  )

  it('walks through a million empty chunks of a PNG faster than a hundredth of what decoding may take', async () => {
    const png = Buffer.alloc(10_485_760)
    png.write('\x89PNG\r\n\x1a\n', 'latin1')
    for (let at = 8; at + 12 <= png.length; at += 12) png.write('tEXt', at + 4, 'latin1')
    isAnimatedPng(png)
    const before = process.cpuUsage()
    expect(isAnimatedPng(png)).toBe(false)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan((imageLimits.timeoutSeconds * 1000) / 100)
  })

  it('answers for any damage to the bytes', async () => {
    for (let at = 2; at < 600; at += 37) {
      const damaged = Buffer.from(photo)
      damaged.fill(at, at, at + 9)
      const outcome = await prepareImage(damaged, 'image/jpeg')
      expect(['prepared', 'rejected']).toContain(outcome.kind)
      await setImmediate()
    }
  })
})

/** Sets the check sum of the IHDR chunk right again. */
function withHeaderChecksum(png: Buffer): Buffer {
  let crc = 0xffffffff
  for (const byte of png.subarray(12, 29)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  png.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 29)
  return png
}
