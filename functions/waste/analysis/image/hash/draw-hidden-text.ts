import sharp from 'sharp'

/** Rows of five pixels; only the letters that are needed. */
const glyphs: Record<string, string> = {
  A: '01110 10001 10001 11111 10001 10001 10001',
  B: '11110 10001 10001 11110 10001 10001 11110',
  E: '11111 10000 10000 11110 10000 10000 11111',
  N: '10001 11001 10101 10101 10011 10001 10001',
  O: '01110 10001 10001 10001 10001 10001 01110',
  P: '11110 10001 10001 11110 10000 10000 10000',
  R: '11110 10001 10001 11110 10100 10010 10001',
  T: '11111 00100 00100 00100 00100 00100 00100',
  Y: '10001 10001 01010 00100 00100 00100 00100',
}
const LETTER_WIDTH = 6
const LINE_HEIGHT = 9
/** Pixels of the picture for one pixel of a letter. */
const SCALE = 12

type Ink = (x: number, y: number) => readonly [red: number, green: number, blue: number]

const checker = (x: number, y: number, side: number) => ((Math.floor(x / side) + Math.floor(y / side)) % 2 ? 1 : -1)
const grey = (level: number) => [level, level, level] as const

/** Ways to write on a photo so that a model can read it and the means of the photo stay as they are. */
export const hidingInks: Record<string, Ink> = {
  'a checkerboard of single pixels': (x, y) => grey(22 * checker(x, y, 1)),
  'a checkerboard of two pixels': (x, y) => grey(16 * checker(x, y, 2)),
  'lines one pixel high': (_, y) => grey(y % 2 ? 20 : -20),
  'lines one pixel wide': (x) => grey(x % 2 ? 20 : -20),
  'a checkerboard of two colours': (x, y) => {
    const sign = checker(x, y, 4)
    return [24 * sign, -12 * sign, -12 * sign]
  },
  'a print of three levels': () => grey(-3),
}

/** Whether the pixel belongs to a letter of the lines, which stand from a corner on. */
export function isInText(lines: readonly string[], x: number, y: number, left: number, top: number): boolean {
  const [column, row] = [Math.floor((x - left) / SCALE), Math.floor((y - top) / SCALE)]
  if (column < 0 || row < 0) return false
  const letter = lines[Math.floor(row / LINE_HEIGHT)]?.[Math.floor(column / LETTER_WIDTH)] ?? ' '
  return glyphs[letter]?.split(' ')[row % LINE_HEIGHT]?.[column % LETTER_WIDTH] === '1'
}

export type HiddenText = { original: Buffer; written: Buffer; isText: (x: number, y: number) => boolean }

/** A photo of the size that the model sees, without and with the words, both as PNG. */
export async function drawHiddenText(photo: Uint8Array, lines: readonly string[], ink: Ink): Promise<HiddenText> {
  const { data, info } = await sharp(photo)
    .autoOrient()
    .resize(1024, 768, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const written = Buffer.from(data)
  const isText = (x: number, y: number) => isInText(lines, x, y, 230, 150)
  for (let y = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1) {
      if (!isText(x, y)) continue
      for (const [channel, level] of ink(x, y).entries()) {
        const at = (y * info.width + x) * 3 + channel
        written[at] = Math.min(255, Math.max(0, (written[at] ?? 0) + level))
      }
    }
  }
  const raw = { width: info.width, height: info.height, channels: 3 } as const
  const png = (pixels: Buffer) => sharp(pixels, { raw }).png({ compressionLevel: 1 }).toBuffer()
  return { original: await png(data), written: await png(written), isText }
}
