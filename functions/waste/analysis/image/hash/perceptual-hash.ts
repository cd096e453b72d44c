/** Side of the square of grey values that a hash is made from. */
export const HASH_INPUT_SIDE_PX = 64

/** Side of the block of lowest frequencies that is kept: 16 × 16 = 256 bits. */
const FREQUENCIES = 16
const HASH_HEX_LENGTH = (FREQUENCIES * FREQUENCIES) / 4
const SEGMENT_HEX_LENGTH = 4

/** cosines[frequency * 64 + position] of the orthonormal DCT-II. */
const cosines = Float64Array.from({ length: FREQUENCIES * HASH_INPUT_SIDE_PX }, (_, at) => {
  const frequency = Math.floor(at / HASH_INPUT_SIDE_PX)
  const position = at % HASH_INPUT_SIDE_PX
  const scale = Math.sqrt((frequency === 0 ? 1 : 2) / HASH_INPUT_SIDE_PX)
  return scale * Math.cos(((2 * position + 1) * frequency * Math.PI) / (2 * HASH_INPUT_SIDE_PX))
})

/**
 * The 256-bit perceptual hash of 64 × 64 grey values, as 64 lower-case hex digits.
 *
 * A bit says whether one of the 256 lowest frequencies of the picture is above their median, so the hash survives scaling,
 * recompression and brightness. Returns undefined for a picture with too little detail: a flat wall's bits are noise or the
 * mere shape of its shading, and would match any other flat wall.
 */
export function perceptualHash(grey: Uint8Array): string | undefined {
  const frequencies = lowFrequencies(grey)
  if (countStrong(frequencies) < STRONG_FREQUENCIES_MIN) return undefined
  const median = medianOf(frequencies.subarray(1))
  let hash = ''
  for (let at = 0; at < frequencies.length; at += 4) {
    let digit = 0
    for (let bit = 0; bit < 4; bit++) digit = digit * 2 + ((frequencies[at + bit] ?? 0) > median ? 1 : 0)
    hash += digit.toString(16)
  }
  return hash
}

/** A frequency counts as detail from this amplitude on, in grey levels times pixels of the orthonormal transform. */
const STRONG_AMPLITUDE = 24
/** Of 255. See the decision on perceptual matches in the README for the measured counts. */
const STRONG_FREQUENCIES_MIN = 48

/** How many of the 255 frequencies above zero carry visible detail. */
export function countStrong(frequencies: Float64Array): number {
  return frequencies.subarray(1).reduce((count, value) => count + (Math.abs(value) >= STRONG_AMPLITUDE ? 1 : 0), 0)
}

/** The 16 × 16 lowest frequencies of the two-dimensional DCT, row by row; the first is the mean. */
export function lowFrequencies(grey: Uint8Array): Float64Array {
  const side = HASH_INPUT_SIDE_PX
  if (grey.length !== side * side)
    throw new RangeError(`Grey picture has ${grey.length} values, expected ${side * side}`)
  const rows = new Float64Array(side * FREQUENCIES)
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += (grey[y * side + x] ?? 0) * (cosines[u * side + x] ?? 0)
      rows[y * FREQUENCIES + u] = sum
    }
  }
  const frequencies = new Float64Array(FREQUENCIES * FREQUENCIES)
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += (rows[y * FREQUENCIES + u] ?? 0) * (cosines[v * side + y] ?? 0)
      frequencies[v * FREQUENCIES + u] = sum
    }
  }
  return frequencies
}

function medianOf(values: Float64Array): number {
  return values.toSorted()[values.length >> 1] ?? 0
}

/** Number of bits, 0 to 256, in which two hashes differ. */
export function hammingDistance(a: string, b: string): number {
  assertHash(a)
  assertHash(b)
  let distance = 0
  for (let at = 0; at < HASH_HEX_LENGTH; at += 8) {
    let differing = Number.parseInt(a.slice(at, at + 8), 16) ^ Number.parseInt(b.slice(at, at + 8), 16)
    for (; differing !== 0; differing &= differing - 1) distance++
  }
  return distance
}

/**
 * The hash split into 16 segments of 16 bits, as `<index>:<4 hex digits>` with the index in hex.
 *
 * Two hashes that differ in at most 15 bits agree in at least one segment (pigeonhole), so an index on segments finds every
 * candidate without comparing against all hashes.
 */
export function segmentsOf(hash: string): string[] {
  assertHash(hash)
  return Array.from({ length: HASH_HEX_LENGTH / SEGMENT_HEX_LENGTH }, (_, band) => {
    const at = band * SEGMENT_HEX_LENGTH
    return `${band.toString(16)}:${hash.slice(at, at + SEGMENT_HEX_LENGTH)}`
  })
}

function assertHash(hash: string): void {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new RangeError(`Perceptual hash "${hash.slice(0, 80)}" is not 64 lower-case hex digits`)
  }
}
