import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import photos from './photos.json' with { type: 'json' }

const SIZE_BYTES_MIN = 100 * 1024
const SIZE_BYTES_MAX = 400 * 1024

describe.each(photos)('sample photo $file', ({ file }) => {
  const path = join(import.meta.dirname, file)

  it('is a complete 1600x1200 JPEG of the size of a phone photo', async () => {
    const { format, width, height } = await sharp(path).metadata()
    await sharp(path, { failOn: 'error' }).raw().toBuffer()
    const { size } = await stat(path)
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 1600, height: 1200 })
    expect(size).toBeGreaterThan(SIZE_BYTES_MIN)
    expect(size).toBeLessThan(SIZE_BYTES_MAX)
  })

  it('has its own unique label', () => {
    expect(photos.filter((photo) => photo.file === file)).toHaveLength(1)
  })
})

describe('EXIF', () => {
  it('of the default photo contains a location, so that its removal can be tested', async () => {
    const { exif } = await sharp(await readFile(join(import.meta.dirname, 'pet-bottle.jpg'))).metadata()
    // 0x8825 is the tag of the GPS directory (EXIF 2.32, 4.6.3), in the byte order of the header.
    const littleEndian = exif?.subarray(6, 8).toString() === 'II'
    expect(exif?.includes(Buffer.from(littleEndian ? [0x25, 0x88] : [0x88, 0x25]))).toBe(true)
  })

  it('is in no other photo', async () => {
    for (const { file } of photos.filter((photo) => photo.file !== 'pet-bottle.jpg')) {
      expect((await sharp(join(import.meta.dirname, file)).metadata()).exif, file).toBeUndefined()
    }
  })
})
