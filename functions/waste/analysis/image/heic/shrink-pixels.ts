export type Pixels = { data: Uint8Array<ArrayBuffer>; width: number; height: number; channels: 3 | 4 }

/** Rows of a picture in the memory of the decoder, `strideBytes` apart. */
export type PixelRows = { data: Uint8Array; width: number; height: number; channels: 3 | 4; strideBytes: number }

/**
 * Copies a picture and replaces each square of `factor` × `factor` pixels by one of their mean colour. Drops incomplete
 * squares at the edges.
 */
export function shrinkPixels(rows: PixelRows, factor: number): Pixels {
  const { data, channels, strideBytes } = rows
  const width = Math.floor(rows.width / factor)
  const height = Math.floor(rows.height / factor)
  const shrunk = new Uint8Array(width * height * channels)
  const sums = new Uint32Array(width * channels)
  const square = factor * factor
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let row = 0; row < factor; row++) {
      let at = (y * factor + row) * strideBytes
      for (let sum = 0; sum < sums.length; sum += channels) {
        for (let column = 0; column < factor; column++) {
          for (let channel = 0; channel < channels; channel++) {
            sums[sum + channel] = (sums[sum + channel] as number) + (data[at++] as number)
          }
        }
      }
    }
    for (let sum = 0; sum < sums.length; sum++) shrunk[y * sums.length + sum] = (sums[sum] as number) / square
  }
  return { data: shrunk, width, height, channels }
}
