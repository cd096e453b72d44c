import { parentPort } from 'node:worker_threads'
import libheif, { type HeifImage } from 'libheif-js/wasm-bundle.js'
import { type Pixels, shrinkPixels } from './shrink-pixels.ts'

export type HeicRequest = {
  bytes: Uint8Array
  /** The size by the header, for which memory is reserved. */
  pixelsMax: number
  heapBytesMax: number
  shrinkFactor: number
}

/** `heapBytes` is the memory that the thread keeps; absent when the thread is in an unknown state. */
export type HeicResponse = { heapBytes?: number } & (
  | { kind: 'ready' }
  | { kind: 'decoded'; pixels: Pixels }
  | { kind: 'broken' }
  /** It needs more memory than is reserved for it. */
  | { kind: 'too_big' }
)

let heapBytesMax = 0
let wasRefused = false

// `resourceLimits` of a worker does not limit the memory of WebAssembly, so `grow` is limited here.
const grow = WebAssembly.Memory.prototype.grow
WebAssembly.Memory.prototype.grow = function growBounded(this: WebAssembly.Memory, pages: number) {
  if (this.buffer.byteLength + pages * 65_536 > heapBytesMax) {
    wasRefused = true
    throw new RangeError('A picture needs more memory than was set aside for it')
  }
  return grow.call(this, pages)
}

function decode({ bytes, pixelsMax, shrinkFactor }: HeicRequest): HeicResponse {
  const decoder = new libheif.HeifDecoder()
  const images = decoder.decode(bytes)
  try {
    const image = images.find((candidate) => candidate.is_primary()) ?? images[0]
    if (!image) return { kind: 'broken' }
    if (image.get_width() * image.get_height() > pixelsMax) return { kind: 'too_big' }
    const pixels = readPixels(image, shrinkFactor)
    return pixels ? { kind: 'decoded', pixels } : { kind: wasRefused ? 'too_big' : 'broken' }
  } finally {
    for (const image of images) image.free()
    decoder.decoder.delete()
  }
}

/** Not by `display`, which copies every pixel twice. */
function readPixels(image: HeifImage, shrinkFactor: number): Pixels | undefined {
  const channels = image.has_alpha_channel() ? 4 : 3
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = libheif.heif_chroma
  const decoded = libheif.heif_js_decode_image2(
    image.handle,
    libheif.heif_colorspace.heif_colorspace_RGB,
    channels === 4 ? rgba : rgb,
  )
  const plane = decoded?.channels?.find(({ id }) => id === libheif.heif_channel.heif_channel_interleaved)
  if (!decoded || !plane) return undefined
  const { data, width, height, stride: strideBytes } = plane
  const pixels = shrinkPixels({ data, width, height, channels, strideBytes }, shrinkFactor)
  libheif.heif_image_release(decoded.image)
  return pixels
}

function answer(request: HeicRequest): HeicResponse {
  heapBytesMax = request.heapBytesMax
  wasRefused = false
  try {
    return { ...decode(request), heapBytes: libheif.HEAPU8.byteLength }
  } catch {
    return { kind: wasRefused ? 'too_big' : 'broken' }
  }
}

// There is no port when the file is imported only to be compiled.
if (parentPort) {
  const port = parentPort
  await libheif.ready
  port.on('message', (request: HeicRequest) => {
    const answered = answer(request)
    port.postMessage(answered, answered.kind === 'decoded' ? [answered.pixels.data.buffer] : [])
  })
  port.postMessage({ kind: 'ready' } satisfies HeicResponse)
}
