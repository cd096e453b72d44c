import type { HeifImage, LibHeif } from 'libheif-js/wasm-bundle.js'

export type HeicPixels = { data: Buffer; info: { width: number; height: number; channels: 4 } }

/**
 * Decodes the first picture of a HEIC file to upright RGBA. Resolves to undefined when it is broken.
 *
 * The libvips that comes with sharp has no HEVC decoder, for want of a patent licence, so phones' default photos are read by
 * libheif in WebAssembly. It holds the whole picture (4 bytes a pixel) and the event loop: 0.5 s for 12 megapixels.
 */
export async function decodeHeic(bytes: Uint8Array, pixelsMax: number): Promise<HeicPixels | undefined> {
  const libheif = await loadLibheif()
  const decoder = new libheif.HeifDecoder()
  const images = decoder.decode(bytes)
  try {
    const [image] = images
    if (!image) return undefined
    const width = image.get_width()
    const height = image.get_height()
    // The header was asked before; this one counts, since it says what is about to be allocated.
    if (width * height > pixelsMax) return undefined
    const data = await display(image, width, height)
    return data && { data, info: { width, height, channels: 4 } }
  } finally {
    for (const image of images) image.free()
    decoder.decoder.delete()
  }
}

/** Two megabytes, needed by few photos. */
async function loadLibheif(): Promise<LibHeif> {
  const { default: libheif } = await import('libheif-js/wasm-bundle.js')
  await libheif.ready
  return libheif
}

function display(image: HeifImage, width: number, height: number): Promise<Buffer | undefined> {
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
  return new Promise((resolve) => {
    image.display(target, (shown) => resolve(shown ? Buffer.from(shown.data.buffer) : undefined))
  })
}
