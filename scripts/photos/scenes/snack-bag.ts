import { frame, glow, gradient } from './parts.ts'
import { floor } from './surfaces.ts'

const crimp = (x: number, y: number, height: number) =>
  Array.from(
    { length: 30 },
    (_, i) =>
      `<path d="M${x + i * 23} ${y} v${height}" stroke="#7a4a02" stroke-width="5" opacity=".4"/><path d="M${x + i * 23 + 8} ${y} v${height}" stroke="#fff3c8" stroke-width="5" opacity=".6"/>`,
  ).join('')

/** An empty crisps bag of shiny film, on beige tiles. */
export function snackBag(): string {
  const ground = floor(
    [0.74, 0.69, 0.6],
    [0.9, 0.86, 0.79],
    '0.015',
    27,
    '<path d="M0 640 L1600 560 M470 0 L560 1200" stroke="#8b8171" stroke-width="12" opacity=".55" filter="url(#soft)"/>',
  )
  const bag =
    'M470 150 L1150 150 L1166 215 C1230 360 1200 560 1236 700 C1250 840 1190 930 1166 1000 L1150 1066 L470 1066 L452 1000 C396 900 440 760 404 640 C384 460 430 330 452 215 Z'
  const definitions = `${ground.definitions}
    ${gradient(
      'film',
      [
        [0, '#a85e00'],
        [0.12, '#ffc933'],
        [0.3, '#fff0a8'],
        [0.42, '#ffb913'],
        [0.66, '#f59a00'],
        [0.82, '#ffe07a'],
        [1, '#9b5200'],
      ],
      12,
    )}
    ${glow('logo', '#ff4030', '#b3100c')}<clipPath id="inside"><path d="${bag}"/></clipPath>`
  const creases = [
    [520, 240, 620, 520],
    [1090, 250, 980, 430],
    [470, 880, 640, 760],
    [1140, 900, 1010, 800],
    [760, 1000, 700, 880],
    [900, 220, 870, 330],
  ]
    .map(
      ([x1, y1, x2, y2]) =>
        `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="#fff" stroke-width="20" opacity=".75" filter="url(#soft)"/><path d="M${(x1 ?? 0) + 24} ${y1} L${(x2 ?? 0) + 14} ${y2}" stroke="#6b3900" stroke-width="18" opacity=".45" filter="url(#soft)"/>`,
    )
    .join('')
  const chip = (x: number, y: number, turn: number) =>
    `<g transform="translate(${x} ${y}) rotate(${turn})"><ellipse rx="78" ry="50" fill="#d98b1c"/><ellipse cx="-8" cy="-8" rx="66" ry="38" fill="#f6c24f"/><path d="M-50 -4 Q0 -34 50 -6" fill="none" stroke="#c07a14" stroke-width="6"/></g>`
  const body = `${ground.body}<path d="${bag}" fill="#000" opacity=".55" filter="url(#shadow-far)" transform="translate(50 44)"/>
    <g transform="rotate(-9 810 610)"><path d="${bag}" fill="url(#film)"/><g clip-path="url(#inside)">${crimp(470, 150, 60)}${crimp(470, 1008, 60)}
      <path d="M380 470 C600 380 1000 560 1260 420 L1260 660 C1000 780 600 600 380 720 Z" fill="url(#logo)"/>
      <text x="812" y="628" font-family="DejaVu Sans" font-weight="bold" font-style="italic" font-size="150" fill="#fff" stroke="#7a0704" stroke-width="5" text-anchor="middle">CRISPY</text>
      <text x="812" y="330" font-family="DejaVu Sans" font-weight="bold" font-size="60" fill="#8a3b00" text-anchor="middle">potato chips</text>${chip(640, 860, -20)}${chip(830, 900, 14)}${chip(1000, 830, 40)}${creases}
      <path d="M440 230 C400 500 460 800 440 1000" stroke="#fff" stroke-width="40" opacity=".5" fill="none" filter="url(#softer)"/></g></g>`
  return frame(definitions, body)
}
