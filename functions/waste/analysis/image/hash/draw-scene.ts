import sharp from 'sharp'

/** Things that a drawn scene can show. */
export const sceneObjects = ['bottle', 'can', 'carton', 'box', 'cup', 'bag', 'tray', 'jar'] as const

export type Scene = {
  /** Decides place, light, clutter and where the object stands. */
  seed: number
  /** One of `sceneObjects`, or anything else for an empty place. */
  object: string
  /** Size of the object; 1 fills about a third of the picture. */
  scale?: number
  /** Share of the width by which the object stands further right. */
  shift?: number
  tint?: string
  hueRotate?: number
  label?: boolean
}

const WIDTH = 1200
const HEIGHT = 900

/** A small generator with the seed as its only state (the public-domain "mulberry32"). */
function createRandom(seed: number): () => number {
  let state = seed * 2654435761
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shapeOf(object: string): string {
  const shapes: Record<string, string> = {
    bottle: '<path d="M-40-260h80v60q60 40 60 110v300q0 30-30 30h-140q-30 0-30-30v-300q0-70 60-110z"/>',
    can: '<ellipse cy="-170" rx="110" ry="30"/><rect x="-110" y="-170" width="220" height="350"/><ellipse cy="180" rx="110" ry="30"/>',
    carton: '<path d="M-110-150l40-100h140l40 100v390h-220z"/>',
    box: '<path d="M-230-80l90-90h360l-70 90z"/><rect x="-230" y="-80" width="380" height="270"/>',
    cup: '<path d="M-120-180h240l-40 380h-160z"/>',
    bag: '<path d="M-170-160q60-70 120-10t110-10 130 40q-20 190 10 330-190 60-360 0-20-190-10-350z"/>',
    tray: '<path d="M-260-60h520l-60 190h-400z"/>',
    jar: '<rect x="-90" y="-220" width="180" height="50"/><rect x="-130" y="-170" width="260" height="370" rx="50"/>',
  }
  return shapes[object] ?? ''
}

/** Draws a picture with the traits of a phone photo: a lit surface with texture, clutter, one object, sensor noise. */
export async function drawScene({
  seed,
  object,
  scale = 1,
  shift = 0,
  tint,
  hueRotate = 0,
  label = true,
}: Scene): Promise<Buffer> {
  const random = createRandom(seed)
  const between = (least: number, most: number) => least + (most - least) * random()
  const surface = between(0, 360)
  const lightX = between(10, 90)
  const clutter = Array.from({ length: 9 }, () => {
    const size = between(30, 210)
    const fill = `hsl(${between(0, 360)} ${between(5, 50)}% ${between(20, 85)}%)`
    return `<rect x="${between(-100, 1600)}" y="${between(-60, 1200)}" width="${size * between(0.4, 3)}" height="${size}" rx="${between(0, 30)}" fill="${fill}" transform="rotate(${between(-25, 25)})"/>`
  }).join('')
  const x = 1600 * (between(0.35, 0.65) + shift)
  const y = 1200 * between(0.45, 0.55)
  const own = `hsl(${between(0, 360)} ${between(10, 60)}% ${between(35, 80)}%)`
  const turn = between(-20, 20)
  const grain = between(0.004, 0.03)
  const shape = shapeOf(object)
  const mark =
    label && shape
      ? '<rect x="-85" y="-20" width="170" height="110" fill="#e9d8a0"/><rect x="-60" y="10" width="120" height="18" fill="#a33"/><rect x="-60" y="42" width="80" height="12" fill="#333"/>'
      : ''
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 1600 1200">
  <defs>
    <radialGradient id="light" cx="${lightX}%" cy="20%" r="95%"><stop offset="0" stop-color="#fff" stop-opacity=".55"/><stop offset="1" stop-color="#000" stop-opacity=".5"/></radialGradient>
    <linearGradient id="round"><stop offset="0" stop-color="#000" stop-opacity=".35"/><stop offset=".35" stop-color="#fff" stop-opacity=".35"/><stop offset="1" stop-color="#000" stop-opacity=".45"/></linearGradient>
    <filter id="grain" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${grain} ${grain * 3}" numOctaves="3" seed="${seed}"/><feColorMatrix type="saturate" values="0.1"/></filter>
    <filter id="hue"><feColorMatrix type="hueRotate" values="${hueRotate}"/></filter>
  </defs>
  <rect width="100%" height="100%" fill="hsl(${surface} 25% 55%)"/>
  <rect width="100%" height="100%" filter="url(#grain)" opacity=".45"/>
  ${clutter}
  <g transform="translate(${x} ${y}) rotate(${turn}) scale(${scale * 1.5})" ${hueRotate === 0 ? '' : 'filter="url(#hue)"'}>
    ${shape ? '<ellipse cx="40" cy="215" rx="190" ry="40" fill="#000" opacity=".35"/>' : ''}
    <g fill="${tint ?? own}">${shape}</g>${mark}<g fill="url(#round)">${shape}</g>
  </g>
  <rect width="100%" height="100%" fill="url(#light)"/>
</svg>`
  const noise = { type: 'gaussian', mean: 128, sigma: 6 } as const
  const sensor = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#808080', noise } })
    .png()
    .toBuffer()
  return sharp(Buffer.from(svg))
    .composite([{ input: sensor, blend: 'soft-light' }])
    .flatten()
    .jpeg({ quality: 92 })
    .toBuffer()
}
