import { frame, gradient } from './parts.ts'
import { floor } from './surfaces.ts'

function cell(transform: string, tip: string): string {
  return `<g transform="${transform}"><rect x="-360" y="30" width="780" height="150" rx="60" fill="#000" opacity=".45" filter="url(#shadow-near)" transform="translate(26 26)"/>
    <rect x="-400" y="-100" width="800" height="200" rx="22" fill="url(#jacket)"/><rect x="${tip}" y="-100" width="250" height="200" fill="url(#copper)"/>
    <rect x="-406" y="-92" width="22" height="184" rx="8" fill="url(#steel)"/><rect x="384" y="-92" width="26" height="184" rx="8" fill="url(#steel)"/><rect x="408" y="-36" width="34" height="72" rx="10" fill="url(#steel)"/>
    <text x="-110" y="34" font-family="DejaVu Sans" font-weight="bold" font-size="92" fill="#f2f2f2" text-anchor="middle">VOLTA AA</text><text x="-110" y="76" font-family="DejaVu Sans" font-size="30" fill="#cfcfcf" text-anchor="middle">1.5 V  alkaline</text>
    <text x="345" y="26" font-family="DejaVu Sans" font-weight="bold" font-size="80" fill="#3a1c08" text-anchor="middle">+</text>
    <rect x="-390" y="-74" width="780" height="22" rx="11" fill="#fff" opacity=".55" filter="url(#soft)"/></g>`
}

/** Two used AA batteries on a white desk. */
export function battery(): string {
  const desk = floor([0.8, 0.8, 0.79], [0.95, 0.95, 0.96], '0.35', 14)
  const definitions = `${desk.definitions}
    ${gradient(
      'jacket',
      [
        [0, '#050505'],
        [0.22, '#5a5a5d'],
        [0.4, '#1d1d1f'],
        [0.85, '#0b0b0c'],
        [1, '#3a3a3c'],
      ],
      90,
    )}
    ${gradient(
      'copper',
      [
        [0, '#5b2d0d'],
        [0.22, '#ffd9a8'],
        [0.42, '#d98a3d'],
        [0.85, '#8a4a17'],
        [1, '#c58850'],
      ],
      90,
    )}
    ${gradient(
      'steel',
      [
        [0, '#5c5f63'],
        [0.25, '#ffffff'],
        [0.5, '#a7abaf'],
        [1, '#595c60'],
      ],
      90,
    )}`
  const pen =
    '<g transform="translate(1290 180) rotate(24)"><rect x="-360" y="-20" width="720" height="44" rx="20" fill="#1d4fa3" opacity=".85" filter="url(#softer)"/></g>'
  return frame(
    definitions,
    `${desk.body}${pen}${cell('translate(760 470) rotate(-17) scale(1.18)', '150')}${cell('translate(850 850) rotate(9) scale(1.22)', '150')}`,
  )
}
