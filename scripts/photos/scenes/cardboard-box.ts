import { frame, gradient, shadow, texture } from './parts.ts'
import { floor } from './surfaces.ts'

const plank = (x: number) =>
  `<path d="M${x} 0 L${800 + (x - 800) * 1.7} 1200" stroke="#3b2a18" stroke-width="5" opacity=".55"/>`

/** An open cardboard parcel with tape and an address label still on it, on a wooden floor. */
export function cardboardBox(): string {
  const ground = floor(
    [0.6, 0.47, 0.33],
    [0.82, 0.7, 0.54],
    '0.06 0.004',
    8,
    [-100, 120, 340, 560, 780, 1000, 1220, 1440, 1660].map(plank).join(''),
  )
  const definitions = `${ground.definitions}
    ${gradient(
      'near',
      [
        [0, '#b98549'],
        [1, '#a06f38'],
      ],
      80,
    )}${gradient('far-side', [
      [0, '#7d5527'],
      [1, '#8f6330'],
    ])}
    ${gradient(
      'dark',
      [
        [0, '#2b1b0b'],
        [1, '#6d4a22'],
      ],
      90,
    )}${gradient(
      'flap',
      [
        [0, '#d3a266'],
        [1, '#b78446'],
      ],
      90,
    )}
    ${texture('board', '0.9 0.02', [0.35, 0.25, 0.12], [0.75, 0.55, 0.3], 3)}`
  const near = 'M300 560 L930 640 L930 1080 L330 960 Z'
  const side = 'M930 640 L1300 500 L1280 890 L930 1080 Z'
  const body = `${ground.body}${shadow(820, 1010, 520, 60, 110)}
    <path d="M300 560 L680 440 L1300 500 L930 640 Z" fill="url(#dark)"/>
    <path d="M680 440 L1300 500 L1345 330 L720 270 Z" fill="#b88750"/><path d="M300 560 L680 440 L560 330 L150 430 Z" fill="#c4935a"/>
    <path d="${near}" fill="url(#near)"/><path d="${side}" fill="url(#far-side)"/>
    <g opacity=".22"><path d="${near}" fill="#fff" filter="url(#board)"/><path d="${side}" fill="#fff" filter="url(#board)"/></g>
    <path d="M300 560 L930 640 L880 800 L210 690 Z" fill="url(#flap)" stroke="#8d6530" stroke-width="3"/>
    <path d="M930 640 L1300 500 L1450 600 L1040 760 Z" fill="#c29253" stroke="#86602d" stroke-width="3"/>
    <path d="M585 596 L660 606 L655 1018 L590 1006 Z" fill="#e7d3a4" opacity=".62"/><path d="M600 602 L612 1006" stroke="#fff" stroke-width="5" opacity=".5"/>
    <path d="M720 850 L890 876 L890 1010 L720 980 Z" fill="#f6f4ee"/>
    ${Array.from({ length: 17 }, (_, i) => `<path d="M${738 + i * 8} ${868 + i * 1.3} l0 52" stroke="#222" stroke-width="${(i % 3) + 2}"/>`).join('')}
    <path d="M738 944 l130 22 M738 962 l90 15" stroke="#555" stroke-width="6"/>
    <path d="M420 860 l0 -60 m-16 18 l16 -20 l16 20 M470 868 l0 -60 m-16 18 l16 -20 l16 20" stroke="#5a3a14" stroke-width="7" fill="none" transform="translate(0 70)"/>
    <path d="M930 640 V1080" stroke="#dcb178" stroke-width="4" opacity=".8"/>`
  return frame(definitions, body)
}
