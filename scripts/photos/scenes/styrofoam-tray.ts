import { frame, glow, gradient, texture } from './parts.ts'
import { floor } from './surfaces.ts'

/** A white styrofoam food tray stained with red sauce, on dark blue cloth. */
export function styrofoamTray(): string {
  const cloth = floor([0.08, 0.12, 0.22], [0.2, 0.28, 0.42], '0.22 0.3', 19)
  const definitions = `${cloth.definitions}
    ${gradient(
      'rim',
      [
        [0, '#ffffff'],
        [0.6, '#eef0f1'],
        [1, '#c6ccd1'],
      ],
      40,
    )}${gradient(
      'well',
      [
        [0, '#b9c0c6'],
        [0.25, '#dfe3e6'],
        [1, '#fbfcfc'],
      ],
      40,
    )}
    ${glow('sauce', '#c4210f', '#e2552c', 0.85)}${texture('beads', '0.12', [0.72, 0.74, 0.76], [1, 1, 1], 6)}`
  const rim =
    'M300 330 Q310 270 380 268 L1230 250 Q1310 252 1318 320 L1350 860 Q1352 940 1270 946 L330 968 Q246 966 250 880 Z'
  const well =
    'M410 388 Q416 362 450 362 L1150 346 Q1194 346 1200 384 L1226 796 Q1228 842 1180 846 L408 862 Q362 862 366 818 Z'
  const spots = [
    [560, 500, 14],
    [930, 560, 20],
    [1010, 470, 11],
    [600, 740, 18],
    [1080, 720, 13],
    [880, 780, 9],
  ]
    .map(([x, y, r]) => `<circle cx="${x}" cy="${y}" r="${r}" fill="#c93316" opacity=".8"/>`)
    .join('')
  const body = `${cloth.body}<path d="${rim}" fill="#000" opacity=".6" filter="url(#shadow-far)" transform="translate(46 60)"/>
    <path d="${rim}" fill="url(#rim)"/><path d="${rim}" fill="#fff" filter="url(#beads)" opacity=".34"/>
    <path d="${well}" fill="url(#well)" stroke="#a4adb4" stroke-width="5"/><path d="${well}" fill="#fff" filter="url(#beads)" opacity=".3"/>
    <path d="M410 388 L470 452 L448 786 L366 818 M1200 384 L1138 446 L1150 770 L1226 796 M470 452 L1138 446 M448 786 L1150 770" fill="none" stroke="#9aa4ab" stroke-width="7" opacity=".45" filter="url(#soft)"/>
    <path d="M620 590 C680 500 820 560 880 600 C960 640 900 730 800 720 C700 740 560 690 620 590 Z" fill="url(#sauce)" opacity=".9"/>
    <path d="M650 600 C700 560 760 570 800 590" fill="none" stroke="#ff9a72" stroke-width="12" opacity=".7" filter="url(#soft)"/>${spots}
    <path d="M330 340 Q334 300 390 298 L1200 280" fill="none" stroke="#fff" stroke-width="14" opacity=".8" filter="url(#soft)"/>`
  return frame(definitions, body)
}
