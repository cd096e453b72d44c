import { frame, gradient, shadow } from './parts.ts'
import { floor } from './surfaces.ts'

/** A red drink can, empty, on concrete. */
export function aluminiumCan(): string {
  const ground = floor(
    [0.36, 0.37, 0.38],
    [0.62, 0.62, 0.61],
    '0.02',
    5,
    '<path d="M-20 330 L1620 210" stroke="#2b2b2b" stroke-width="9" opacity=".5" filter="url(#soft)"/>',
  )
  const definitions = `${ground.definitions}
    ${gradient('paint', [
      [0, '#4d0509'],
      [0.12, '#a70f16'],
      [0.26, '#ff6b60'],
      [0.34, '#e2222b'],
      [0.7, '#c3141c'],
      [0.9, '#e5554f'],
      [1, '#48060a'],
    ])}
    ${gradient('metal', [
      [0, '#5e6266'],
      [0.2, '#f4f6f7'],
      [0.45, '#a9aeb2'],
      [0.7, '#eef0f1'],
      [1, '#55585c'],
    ])}
    ${gradient(
      'lid',
      [
        [0, '#8d9296'],
        [0.5, '#e9ecee'],
        [1, '#7c8185'],
      ],
      40,
    )}`
  const body = `${ground.body}${shadow(790, 1000, 235, 46, 150)}
    <path d="M560 330 C560 300 590 290 600 270 L980 270 C990 290 1020 300 1020 330 L1020 950 C1020 985 990 1000 975 1020 Q790 1075 605 1020 C590 1000 560 985 560 950 Z" fill="url(#metal)"/>
    <path d="M560 350 Q790 420 1020 350 L1020 935 Q790 1010 560 935 Z" fill="url(#paint)"/>
    <path d="M560 560 C700 700 860 500 1020 640 L1020 730 C860 600 700 800 560 660 Z" fill="#fff" opacity=".9"/>
    <text x="790" y="545" font-family="DejaVu Serif" font-style="italic" font-weight="bold" font-size="120" fill="#fff" text-anchor="middle">Kola</text>
    <text x="790" y="850" font-family="DejaVu Sans" font-size="44" fill="#ffd9d4" text-anchor="middle">355 ml</text>
    <ellipse cx="790" cy="272" rx="192" ry="52" fill="url(#metal)" stroke="#3f4347" stroke-width="4"/>
    <ellipse cx="790" cy="276" rx="166" ry="40" fill="url(#lid)" stroke="#6b7074" stroke-width="5"/>
    <ellipse cx="790" cy="294" rx="64" ry="19" fill="#1b1c1e"/>
    <path d="M742 250 Q790 232 838 250 L828 276 Q790 290 752 276 Z" fill="#d6dadd" stroke="#5d6165" stroke-width="5"/>
    <ellipse cx="790" cy="260" rx="20" ry="8" fill="#777c80"/>
    <rect x="640" y="385" width="34" height="570" rx="17" fill="#fff" opacity=".5" filter="url(#soft)"/>
    <path d="M905 700 q40 60 6 130 q-34 -60 -6 -130" fill="#3c0205" opacity=".4" filter="url(#soft)"/>`
  return frame(definitions, body)
}
