import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sniffImageType } from './sniff-image-type.ts'

const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))
const ftyp = (major: string, ...compatible: string[]) =>
  latin(`\0\0\0${String.fromCharCode(16 + compatible.length * 4)}ftyp${major}\0\0\0\0${compatible.join('')}`)

describe('sniffImageType', () => {
  it.each([
    ['image/jpeg', latin('\xff\xd8\xff\xe0\0\x10JFIF\0')],
    ['image/jpeg', latin('\xff\xd8\xff\xe1')],
    ['image/png', latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
    ['image/webp', latin('RIFF\x10\0\0\0WEBPVP8 ')],
    ['image/webp', latin('RIFF\x10\0\0\0WEBPVP8L')],
    ['image/webp', latin('RIFF\x10\0\0\0WEBPVP8X')],
    ['image/heic', ftyp('heic', 'mif1', 'heic')],
    ['image/heic', ftyp('heix')],
    ['image/heic', ftyp('mif1', 'miaf', 'heic')],
    ['image/avif', ftyp('avif', 'mif1')],
    ['image/avif', ftyp('mif1', 'avif')],
    ['image/heif', ftyp('mif1', 'miaf')],
  ] as const)('names %s by its first bytes', (type, bytes) => {
    expect(sniffImageType(bytes)).toBe(type)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['SVG', latin('<svg xmlns="http://www.w3.org/2000/svg">')],
    ['HTML', latin('<!doctype html><script>alert(1)</script>')],
    ['GIF', latin('GIF89a\x01\0\x01\0')],
    ['PDF', latin('%PDF-1.7')],
    ['a ZIP', latin('PK\x03\x04')],
    ['an MP4 video', ftyp('isom', 'iso2', 'mp41')],
    ['a video that lists an image brand', ftyp('mp42', 'heic')],
    ['a WAV, which is also RIFF', latin('RIFF\x24\0\0\0WAVEfmt ')],
    ['a PNG signature broken by a text-mode transfer', latin('\x89PNG\n\x1a\n\0\0\0\rIHDR')],
    ['an ftyp box too short to hold a brand', latin('\0\0\0\x08ftypheic\0\0\0\0')],
    ['an ftyp box cut off in the brand', latin('\0\0\0\x18ftyphe')],
  ])('does not take %s for an image', (_name, bytes) => {
    expect(sniffImageType(bytes)).toBeUndefined()
  })

  it('reads from a view inside a larger buffer', () => {
    const file = ftyp('heic', 'mif1')
    const buffer = new Uint8Array(file.length + 7)
    buffer.set(file, 7)
    expect(sniffImageType(buffer.subarray(7))).toBe('image/heic')
  })

  it('answers for any bytes, and the same for the first 32 as for the whole file', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(sniffImageType(bytes)).toBe(sniffImageType(bytes.subarray(0, 32)))
        const box = Uint8Array.of(...bytes.subarray(0, 4), ...latin('ftyp'), ...bytes.subarray(4))
        expect(sniffImageType(box)).toBe(sniffImageType(box.subarray(0, 32)))
      }),
    )
  })
})
