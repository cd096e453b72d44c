import type { ModelRequest } from './model-request.ts'

/** Tokens of reasoning are part of the output. */
export type Usage = { inputTokens: number; outputTokens: number; reasoningTokens: number }
export type ImageSize = { width: number; height: number }

const TILE_PIXELS = 512
const PATCH_PIXELS = 32
const PATCHES_MAX = 1536

/** Price of one picture in tokens: a base and an amount for each 512-pixel tile, by model family. */
function tileTokens(model: string): { base: number; tile: number } {
  if (model.includes('4o-mini')) return { base: 2833, tile: 5667 }
  if (/^gpt-5(-20|\.1|$)/.test(model)) return { base: 70, tile: 140 }
  return { base: 85, tile: 170 }
}

/** Families that count patches of 32 pixels instead, as measured on the real service in 2026; "low" makes no difference for them. */
function patchFactor(model: string): number | undefined {
  if (model.startsWith('gpt-5-nano')) return 1.5
  return /^gpt-(5-mini|5\.[2-9]|6)/.test(model) ? 1.2 : undefined
}

/** Tokens of one picture: low detail costs the base; else it is fitted into 2048², its short side to 768, and tiled. */
export function imageTokens(model: string, detail: string, { width, height }: ImageSize): number {
  const factor = patchFactor(model)
  if (factor) {
    const patches = Math.ceil(width / PATCH_PIXELS) * Math.ceil(height / PATCH_PIXELS)
    return Math.ceil(Math.min(patches, PATCHES_MAX) * factor)
  }
  const { base, tile } = tileTokens(model)
  if (detail === 'low') return base
  const fit = Math.min(1, 2048 / Math.max(width, height))
  const shrink = Math.min(1, 768 / (Math.min(width, height) * fit)) * fit
  const tiles = Math.ceil((width * shrink) / TILE_PIXELS) * Math.ceil((height * shrink) / TILE_PIXELS)
  return base + tile * tiles
}

/** About a quarter of a token for each ASCII character, and two thirds for any other. */
export function textTokens(text: string): number {
  let quarters = 0
  for (const character of text) quarters += character < '\u0080' ? 3 : 8
  return Math.ceil(quarters / 12)
}

/** The start of a text that takes `tokensMax` tokens. */
export function cutToTokens(text: string, tokensMax: number): string {
  let quarters = 0
  let end = 0
  for (const character of text) {
    quarters += character < '\u0080' ? 3 : 8
    if (Math.ceil(quarters / 12) > tokensMax) return text.slice(0, end)
    end += character.length
  }
  return text
}

export function inputTokens(request: ModelRequest, sizes: ImageSize[]): number {
  const words = request.messages.reduce((sum, { text }) => sum + textTokens(text) + 4, 0)
  const schema = request.schema ? textTokens(JSON.stringify(request.schema)) : 0
  const pictures = request.images.reduce((sum, { detail }, i) => {
    const size = sizes[i]
    return sum + (size ? imageTokens(request.model, detail, size) : 0)
  }, 0)
  return words + schema + pictures
}
