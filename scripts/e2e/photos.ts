import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { Photo } from '../local/demo/growbin-client.ts'

const folder = `${import.meta.dirname}/../photos`

export async function readPhoto(name: string): Promise<Photo> {
  return { bytes: new Uint8Array(await readFile(`${folder}/${name}.jpg`)), contentType: 'image/jpeg' }
}

const names = ['pet-bottle', 'aluminium-can', 'milk-carton', 'cardboard-box', 'glass-bottle', 'battery', 'snack-bag']

/** A sample photo in other colours and under coarse spots, so that no cache takes one variant for another. */
export async function drawVariant(number: number): Promise<Photo> {
  const name = names[number % names.length] ?? 'pet-bottle'
  const [width, height] = [480, 360]
  const spots = Buffer.from(Array.from({ length: 8 * 6 * 3 }, (_, index) => hash(number * 1_000 + index) % 256))
  const overlay = await sharp(spots, { raw: { width: 8, height: 6, channels: 3 } })
    .resize(width, height, { kernel: 'nearest' })
    .png()
    .toBuffer()
  const bytes = await sharp(`${folder}/${name}.jpg`)
    .resize(width, height, { fit: 'fill' })
    .modulate({ hue: (number * 37) % 360 })
    .composite([{ input: overlay, blend: 'overlay' }])
    .jpeg({ quality: 80 })
    .toBuffer()
  return { bytes: new Uint8Array(bytes), contentType: 'image/jpeg' }
}

/** A small integer hash (Knuth's multiplicative method), so that a variant is the same in every run. */
function hash(value: number): number {
  return Math.imul(value ^ (value >>> 3), 2_654_435_761) >>> 9
}
