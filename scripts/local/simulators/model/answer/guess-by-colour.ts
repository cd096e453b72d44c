import type { Sighting } from './sighting.ts'

type Guess = Pick<Sighting, 'category' | 'itemNameKo' | 'itemNameEn'>

const bright: Guess = { category: 'EPS', itemNameKo: '흰색 포장재로 보이는 물건', itemNameEn: 'white packaging' }
const dark: Guess = { category: 'GENERAL', itemNameKo: '어두운 색 물건', itemNameEn: 'dark object' }
const grey: Guess = { category: 'SCRAP', itemNameKo: '금속으로 보이는 물건', itemNameEn: 'metal-like object' }

/** With the highest hue of each, in degrees. */
const byHue: [hueMax: number, guess: Guess][] = [
  [15, { category: 'CAN', itemNameKo: '붉은색 캔으로 보이는 물건', itemNameEn: 'red can-like object' }],
  [48, { category: 'PAPER_BOX', itemNameKo: '종이 상자로 보이는 물건', itemNameEn: 'cardboard-like object' }],
  [70, { category: 'VINYL', itemNameKo: '비닐 포장으로 보이는 물건', itemNameEn: 'film-like packaging' }],
  [170, { category: 'GLASS', itemNameKo: '녹색 병으로 보이는 물건', itemNameEn: 'green bottle-like object' }],
  [265, { category: 'PLASTIC', itemNameKo: '플라스틱으로 보이는 물건', itemNameEn: 'plastic-like object' }],
  [340, { category: 'CLOTHES', itemNameKo: '천으로 보이는 물건', itemNameEn: 'cloth-like object' }],
  [360, { category: 'CAN', itemNameKo: '붉은색 캔으로 보이는 물건', itemNameEn: 'red can-like object' }],
]

/** A guess with low confidence (0.3..0.55) by the mean colour; the same picture always gives the same guess. */
export function guessByColour(thumbnail: Uint8Array): Sighting {
  const [red, green, blue] = meanColour(thumbnail)
  const lightest = Math.max(red, green, blue)
  const span = lightest - Math.min(red, green, blue)
  const saturation = lightest === 0 ? 0 : span / lightest
  const guess = saturation < 0.12 ? byBrightness(lightest) : guessFromHue(hue(red, green, blue, span))
  const confidence = Math.round((0.3 + Math.min(0.25, saturation / 3)) * 1000) / 1000
  return { ...guess, isWaste: true, confidence, conditions: [] }
}

function byBrightness(lightest: number): Guess {
  if (lightest > 190) return bright
  return lightest < 70 ? dark : grey
}

function guessFromHue(degrees: number): Guess {
  return byHue.find(([hueMax]) => degrees <= hueMax)?.[1] ?? grey
}

function meanColour(thumbnail: Uint8Array): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0]
  thumbnail.forEach((value, i) => {
    sums[(i % 3) as 0 | 1 | 2] += value
  })
  const pixels = Math.max(1, thumbnail.length / 3)
  return [sums[0] / pixels, sums[1] / pixels, sums[2] / pixels]
}

function hue(red: number, green: number, blue: number, span: number): number {
  const lightest = Math.max(red, green, blue)
  const sector =
    lightest === red ? (green - blue) / span : lightest === green ? (blue - red) / span + 2 : (red - green) / span + 4
  return (sector * 60 + 360) % 360
}
