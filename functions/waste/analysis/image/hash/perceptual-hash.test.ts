import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { colourGrid, colourGridDifference } from './colour-grid.ts'
import { COLOUR_GRID_DIFFERENCE_MAX, isSamePhoto, PERCEPTUAL_DISTANCE_MAX } from './is-same-photo.ts'
import { hammingDistance, perceptualHash, segmentsOf } from './perceptual-hash.ts'

const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
const picture = fc.uint8Array({ minLength: 4096, maxLength: 4096 })

function flipBits(original: string, bits: readonly number[]): string {
  const digits = [...original].map((digit) => Number.parseInt(digit, 16))
  for (const bit of bits) digits[bit >> 2] = (digits[bit >> 2] ?? 0) ^ (1 << (bit & 3))
  return digits.map((digit) => digit.toString(16)).join('')
}

const bitsUpTo = (most: number) => fc.uniqueArray(fc.nat(255), { maxLength: most })

describe('hammingDistance', () => {
  it('counts exactly the bits that differ, in both directions', () => {
    fc.assert(
      fc.property(hash, bitsUpTo(256), (a, bits) => {
        const b = flipBits(a, bits)
        expect(hammingDistance(a, b)).toBe(bits.length)
        expect(hammingDistance(b, a)).toBe(bits.length)
      }),
    )
  })

  it('never exceeds the way over a third hash', () => {
    fc.assert(
      fc.property(hash, hash, hash, (a, b, c) => {
        expect(hammingDistance(a, c)).toBeLessThanOrEqual(hammingDistance(a, b) + hammingDistance(b, c))
      }),
    )
  })

  it.each(['', 'f'.repeat(63), 'F'.repeat(64), 'g'.repeat(64)])('refuses %j, which is no hash', (wrong) => {
    expect(() => hammingDistance(wrong, 'f'.repeat(64))).toThrow('is not 64 lower-case hex digits')
    expect(() => segmentsOf(wrong)).toThrow('is not 64 lower-case hex digits')
  })
})

describe('segmentsOf', () => {
  it('shares a segment between any two hashes that differ in 15 bits or fewer', () => {
    fc.assert(
      fc.property(hash, bitsUpTo(15), (a, bits) => {
        const bands = new Set(segmentsOf(a))
        expect(segmentsOf(flipBits(a, bits)).some((band) => bands.has(band))).toBe(true)
      }),
    )
    expect(PERCEPTUAL_DISTANCE_MAX).toBeLessThanOrEqual(15)
  })

  it('keeps equal bits at different places apart', () => {
    expect(new Set(segmentsOf('0'.repeat(64))).size).toBe(16)
  })
})

describe('perceptualHash', () => {
  it('is the same for the same picture, 64 hex digits, and half of them set', () => {
    fc.assert(
      fc.property(picture, (grey) => {
        const made = perceptualHash(grey)
        expect(made).toBe(perceptualHash(Uint8Array.from(grey)))
        if (made === undefined) return
        expect(made).toMatch(/^[0-9a-f]{64}$/)
        expect(Math.abs(hammingDistance(made, '0'.repeat(64)) - 128)).toBeLessThanOrEqual(2)
      }),
      { numRuns: 30 },
    )
  })

  it('does not change when all of the picture gets brighter or its contrast doubles', () => {
    const grey = Uint8Array.from(
      { length: 4096 },
      (_, at) => 60 + 40 * Math.sin(at * at * 0.37) + 20 * Math.cos(at / 9),
    )
    const made = perceptualHash(grey) ?? ''
    expect(hammingDistance(made, perceptualHash(grey.map((value) => value + 30)) ?? '')).toBe(0)
    expect(hammingDistance(made, perceptualHash(grey.map((value) => value * 2)) ?? '')).toBe(0)
  })

  it.each([
    ['black', () => 0],
    ['a flat wall', () => 180],
    ['a wall with noise of one level', (x: number, y: number) => 180 + ((x * 7 + y * 13) % 2)],
    ['light falling off from left to right', (x: number) => 80 + x * 2],
    ['light falling off from a corner', (x: number, y: number) => 60 + x + y],
    ['one edge between two walls', (x: number) => (x < 30 ? 90 : 150)],
  ])('does not exist for %s', (_name, valueAt) => {
    expect(perceptualHash(Uint8Array.from({ length: 4096 }, (_, at) => valueAt(at % 64, at >> 6)))).toBeUndefined()
  })

  it('refuses a picture of another size', () => {
    expect(() => perceptualHash(new Uint8Array(10))).toThrow('Grey picture has 10 values, expected 4096')
  })
})

describe('isSamePhoto', () => {
  const gridOf = (red: number) =>
    colourGrid(Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at % 3 === 0 ? red : 90)))
  const zero = '0'.repeat(64)
  const atDistance = (bits: number) => flipBits(zero, [...Array(bits).keys()])

  it('holds up to both limits, and for nothing beyond either', () => {
    const a = { perceptualHash: zero, colourGrid: gridOf(100) }
    const within = {
      perceptualHash: atDistance(PERCEPTUAL_DISTANCE_MAX),
      colourGrid: gridOf(100 + COLOUR_GRID_DIFFERENCE_MAX),
    }
    expect(colourGridDifference(a.colourGrid, within.colourGrid)).toBe(COLOUR_GRID_DIFFERENCE_MAX)
    expect(isSamePhoto(a, within)).toBe(true)
    expect(isSamePhoto(a, { ...within, perceptualHash: atDistance(PERCEPTUAL_DISTANCE_MAX + 1) })).toBe(false)
    expect(isSamePhoto(a, { ...within, colourGrid: gridOf(101 + COLOUR_GRID_DIFFERENCE_MAX) })).toBe(false)
  })

  it('never holds for a picture without a hash, not even with itself', () => {
    const blank = { perceptualHash: null, colourGrid: gridOf(100) }
    expect(isSamePhoto(blank, blank)).toBe(false)
  })

  it('refuses a colour grid of another size', () => {
    expect(() => colourGridDifference(gridOf(1), 'AAAA')).toThrow('Colour grid holds 3 bytes, expected 3072')
  })
})
