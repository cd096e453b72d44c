import { frame, gradient, shadow } from './parts.ts'
import { table } from './surfaces.ts'

/** A gable-top milk carton, rinsed, on a pale kitchen counter. */
export function milkCarton(): string {
  const counter = table(['#f3d9c6', '#e2b99d'], { dark: [0.72, 0.72, 0.7], light: [0.95, 0.94, 0.92], seed: 23 }, 620)
  const tiles = Array.from(
    { length: 8 },
    (_, i) => `<path d="M${i * 220 + 40} 0 V620" stroke="#fff" stroke-width="7" opacity=".5"/>`,
  ).join('')
  const definitions = `${counter.definitions}
    ${gradient('front', [
      [0, '#dfe6ea'],
      [0.4, '#ffffff'],
      [1, '#f1f4f6'],
    ])}
    ${gradient('side', [
      [0, '#aebac2'],
      [1, '#8896a0'],
    ])}
    ${gradient(
      'roof',
      [
        [0, '#ffffff'],
        [1, '#c9d3d9'],
      ],
      90,
    )}`
  const body = `${counter.body}<g filter="url(#soft)">${tiles}<path d="M0 190 H1600 M0 410 H1600" stroke="#fff" stroke-width="7" opacity=".5"/></g>${shadow(820, 1060, 300, 30, 130)}
    <path d="M520 470 L900 490 L900 1090 L530 1050 Z" fill="url(#front)"/>
    <path d="M900 490 L1120 450 L1110 1020 L900 1090 Z" fill="url(#side)"/>
    <path d="M520 470 L900 490 L960 270 L600 260 Z" fill="url(#roof)"/>
    <path d="M900 490 L1120 450 L960 270 Z" fill="#76858f"/>
    <path d="M900 490 L1010 470 L960 270 Z" fill="#93a1aa"/>
    <path d="M598 170 L962 180 L962 276 L598 264 Z" fill="#f4f7f8" stroke="#a9b4bb" stroke-width="4"/>
    <path d="M598 246 L962 258" stroke="#8f9ca4" stroke-width="5"/>
    <path d="M524 640 C640 560 760 730 900 640 L900 1090 L530 1050 Z" fill="#2f9e58"/>
    <path d="M900 640 L1116 590 L1110 1020 L900 1090 Z" fill="#1d6a3a"/>
    <text x="700" y="610" font-family="DejaVu Sans" font-weight="bold" font-size="124" fill="#1c7a41" text-anchor="middle" transform="rotate(2 700 600)">MILK</text>
    <text x="712" y="860" font-family="DejaVu Sans" font-weight="bold" font-size="68" fill="#fff" text-anchor="middle" transform="rotate(3 712 850)">1 L fresh</text>
    <ellipse cx="700" cy="960" rx="84" ry="48" fill="#fff"/><path d="M660 956 q20 -26 40 0 q22 -26 44 0" fill="none" stroke="#333" stroke-width="8"/>
    <path d="M900 490 L900 1090" stroke="#fff" stroke-width="5" opacity=".7"/>
    <path d="M560 500 L600 1040" stroke="#fff" stroke-width="26" opacity=".35" filter="url(#soft)"/>`
  return frame(definitions, body)
}
