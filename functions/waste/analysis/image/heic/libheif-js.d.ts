/** As much of it as `heic.worker.ts` needs; the types of Node.js leave it out. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
}

declare module 'libheif-js/wasm-bundle.js' {
  export type HeifImage = {
    handle: object
    get_width(): number
    get_height(): number
    is_primary(): boolean
    has_alpha_channel(): boolean
    free(): void
  }

  type Plane = { id: object; width: number; height: number; stride: number; data: Uint8Array }

  export type LibHeif = {
    ready: Promise<void>
    HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[]; decoder: { delete(): void } }
    /** The planes are views of the memory of WebAssembly, until the image is released. Without planes it is an error. */
    heif_js_decode_image2(
      handle: object,
      colorspace: object,
      chroma: object,
    ): { image: object; channels?: Plane[] } | undefined
    heif_image_release(image: object): void
    heif_colorspace: { heif_colorspace_RGB: object }
    heif_chroma: { heif_chroma_interleaved_RGB: object; heif_chroma_interleaved_RGBA: object }
    heif_channel: { heif_channel_interleaved: object }
    HEAPU8: Uint8Array
  }

  const libheif: LibHeif
  export default libheif
}
