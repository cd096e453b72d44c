import type { Metadata, Sharp } from 'sharp'
import { sniffImageType } from '../../sniff-image-type.ts'
import { decodedBytes, heicHeapBytes, streamedBytes } from './decoding-memory.ts'
import { COLOUR_GRID_INPUT_SIDE_PX, colourGrid } from './hash/colour-grid.ts'
import { perceptualHash } from './hash/perceptual-hash.ts'
import type { HeicDecoder } from './heic/open-heic-decoder.ts'
import { checkHeader, type ImageLimits, type ImageRejection, isSameType } from './image-limits.ts'
import { isAnimatedPng } from './is-animated-png.ts'
import { type MemorySemaphore, withMemory } from './memory-semaphore.ts'

export type PreparedImage = {
  kind: 'prepared'
  /** sRGB, upright, without any metadata. */
  jpeg: Buffer
  width: number
  height: number
  /** 64 hex digits, or null when the picture has too little detail to be compared. */
  perceptualHash: string | null
  /** The colour grid in base64, which a perceptual match must agree with; see `isSamePhoto`. */
  colourGrid: string
}

export type PrepareImageOutcome = PreparedImage | { kind: 'rejected'; reason: ImageRejection }

type Size = { width: number; height: number }
type Pixels = { data: Buffer; info: { width: number; height: number; channels: 1 | 2 | 3 | 4 } }

export type PrepareImageDeps = {
  /** The memory that all pictures being decoded share. */
  memory: MemorySemaphore
  decodeHeic: HeicDecoder['decode']
  limits: ImageLimits
}

/**
 * Turns an uploaded photo into what is sent to the model, decoding it once.
 *
 * A fault of the file is a `rejected` outcome. Throws only when decoding exceeds `timeoutSeconds`, too many photos wait for
 * memory, or a decoder cannot be loaded, since a retry may succeed.
 */
export async function prepareImage(
  { memory, decodeHeic, limits }: PrepareImageDeps,
  bytes: Uint8Array,
  declaredType: string,
  signal?: AbortSignal,
): Promise<PrepareImageOutcome> {
  signal?.throwIfAborted()
  const type = sniffImageType(bytes)
  if (!type) return rejected('not_an_image')
  if (!limits.allowedTypes.includes(type) || !isSameType(type, declaredType)) return rejected('type_mismatch')
  if (type === 'image/png' && isAnimatedPng(bytes)) return rejected('animated')

  const sharp = await loadSharp()
  const source = () =>
    sharp(bytes, { failOn: 'truncated', limitInputPixels: limits.pixelsMax, pages: 1, sequentialRead: true })

  const header = await attempt(() => source().metadata())
  if (header.kind === 'rejected') return header
  const refusal = checkHeader(header.value, limits)
  if (refusal) return rejected(refusal)

  const isHevc = header.value.compression === 'hevc'
  const heic = isHevc
    ? await decodeHeic(heicRequest(bytes, header.value, limits), heicHeapBytes(bytes, header.value), signal)
    : undefined
  if (heic && heic.kind !== 'decoded') return rejected(heic.kind === 'broken' ? 'corrupt' : 'too_many_pixels')
  const decoded = await withMemory(
    memory,
    heic ? streamedBytes : decodedBytes(header.value),
    () =>
      attempt(() =>
        heic
          ? decode(sharp(heic.pixels.data, { raw: heic.pixels }), heic.pixels, limits)
          : decode(source(), header.value, limits),
      ),
    signal,
  )
  if (decoded.kind === 'rejected') return decoded
  const pixels = decoded.value

  // libheif applies the rotation that a HEIC file declares in its own structure (ISO/IEC 23008-12, 6.5.10).
  const orientation = heic ? 1 : header.value.orientation
  const upright = () => orient(sharp(pixels.data, { raw: pixels.info }), orientation)
  const side = COLOUR_GRID_INPUT_SIDE_PX
  const [jpeg, tiny] = await Promise.all([
    upright().jpeg({ quality: limits.jpegQuality }).toBuffer({ resolveWithObject: true }),
    upright().resize(side, side, { fit: 'fill' }).raw().toBuffer(),
  ])
  return {
    kind: 'prepared',
    jpeg: jpeg.data,
    width: jpeg.info.width,
    height: jpeg.info.height,
    perceptualHash: perceptualHash(greyOf(tiny)) ?? null,
    colourGrid: colourGrid(tiny),
  }
}

/** Loads the library with the first photo, since it maps tens of megabytes. */
async function loadSharp() {
  const { default: sharp } = await import('sharp')
  // Settings of the process: photos are not decoded twice, and one thread for each photo shares the cores best.
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp
}

/** The thread shrinks by a whole number, so that it hands over fewer pixels, but still more than are needed. */
function heicRequest(bytes: Uint8Array, { width, height }: Metadata, limits: ImageLimits) {
  const fit = Math.max(Math.max(width, height) / limits.longSidePxMax, Math.min(width, height) / limits.shortSidePxMax)
  return { bytes, pixelsMax: width * height, shrinkFactor: Math.max(1, Math.floor(fit / 1.5)) }
}

/** Decodes and shrinks in one pass. The small picture is rotated later, which costs less. */
async function decode(source: Sharp, header: Size, limits: ImageLimits): Promise<Pixels> {
  const isPortrait = header.height > header.width
  const width = isPortrait ? limits.shortSidePxMax : limits.longSidePxMax
  const height = isPortrait ? limits.longSidePxMax : limits.shortSidePxMax
  return source
    .timeout({ seconds: limits.timeoutSeconds })
    .resize({ width, height, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
}

/** Luma of ITU-R BT.601, which JPEG itself stores. */
function greyOf(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: rgb.length / 3 }, (_, pixel) => {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(pixel * 3, pixel * 3 + 3)
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
  })
}

/** Applies the Orientation tag (EXIF 2.32, 4.6.5.1.4). */
function orient(picture: Sharp, orientation = 1): Sharp {
  const isMirrored = [2, 4, 5, 7].includes(orientation)
  const degrees = { 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270 }[orientation] ?? 0
  return (isMirrored ? picture.flop() : picture).rotate(degrees)
}

type Attempt<T> = { kind: 'done'; value: T } | { kind: 'rejected'; reason: ImageRejection }

/** libvips has no error codes: matches fragments of its texts in 8.18, and takes any other text for a broken file. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await work() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    if (/timeout: \d+% complete/.test(text)) throw new Error('Decoding the image took too long', { cause: error })
    if (/pixel limit/.test(text)) return rejected('too_many_pixels')
    if (/unsupported (codec|feature)|no decoding plugin|compression format/i.test(text))
      return rejected('unsupported_codec')
    return rejected('corrupt')
  }
}

function rejected(reason: ImageRejection): { kind: 'rejected'; reason: ImageRejection } {
  return { kind: 'rejected', reason }
}
