/** Side of the square of RGB pixels that hash and colour grid are made from. */
export const COLOUR_GRID_INPUT_SIDE_PX = 64
const BLOCKS = 32
const BLOCK_PX = COLOUR_GRID_INPUT_SIDE_PX / BLOCKS
const CHANNELS = 3

/**
 * The mean colour of each of 32 × 32 blocks of 64 × 64 RGB pixels: 3072 bytes as base64.
 *
 * A perceptual hash ignores colour and small details: a clear bottle and a green one of the same brightness have the same
 * hash. So a perceptual match also compares the grids.
 */
export function colourGrid(rgb: Uint8Array): string {
  const expected = COLOUR_GRID_INPUT_SIDE_PX ** 2 * CHANNELS
  if (rgb.length !== expected) throw new RangeError(`RGB picture has ${rgb.length} values, expected ${expected}`)
  const sums = new Uint32Array(BLOCKS * BLOCKS * CHANNELS)
  for (let at = 0; at < rgb.length; at++) {
    const pixel = Math.floor(at / CHANNELS)
    const column = Math.floor((pixel % COLOUR_GRID_INPUT_SIDE_PX) / BLOCK_PX)
    const row = Math.floor(pixel / COLOUR_GRID_INPUT_SIDE_PX / BLOCK_PX)
    const block = (row * BLOCKS + column) * CHANNELS + (at % CHANNELS)
    sums[block] = (sums[block] ?? 0) + (rgb[at] ?? 0)
  }
  return Buffer.from(Uint8Array.from(sums, (sum) => Math.round(sum / BLOCK_PX ** 2))).toString('base64')
}

/** The largest difference of any block in any colour, 0 to 255. */
export function colourGridDifference(a: string, b: string): number {
  const [left, right] = [decode(a), decode(b)]
  return left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] ?? 0))), 0)
}

function decode(grid: string): Buffer {
  const bytes = Buffer.from(grid, 'base64')
  if (bytes.length !== BLOCKS * BLOCKS * CHANNELS) {
    throw new RangeError(`Colour grid holds ${bytes.length} bytes, expected ${BLOCKS * BLOCKS * CHANNELS}`)
  }
  return bytes
}
