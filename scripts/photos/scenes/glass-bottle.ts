import { frame, gradient, shadow } from './parts.ts'
import { table } from './surfaces.ts'

const outline =
  'M752 190 L752 440 C750 520 640 540 632 660 L632 1000 C632 1050 660 1064 700 1064 L900 1064 C940 1064 968 1050 968 1000 L968 660 C960 540 850 520 848 440 L848 190 Z'

/** A green glass bottle with some drink left in it, on a dark table in the evening. */
export function glassBottle(): string {
  const desk = table(['#2c2a35', '#4a3c3c'], { dark: [0.1, 0.06, 0.04], light: [0.28, 0.17, 0.1], seed: 31 }, 690)
  const definitions = `${desk.definitions}
    ${gradient('glass', [
      [0, '#02200c', 0.95],
      [0.1, '#0f7a35', 0.85],
      [0.24, '#7fe09b', 0.8],
      [0.4, '#1c9447', 0.75],
      [0.75, '#11702f', 0.8],
      [0.92, '#57c87b', 0.8],
      [1, '#021a0a', 0.95],
    ])}
    ${gradient('drink', [
      [0, '#01140a'],
      [0.3, '#0c5b28'],
      [1, '#01140a'],
    ])}
    <clipPath id="inside"><path d="${outline}"/></clipPath>`
  const body = `${desk.body}
    <circle cx="330" cy="250" r="90" fill="#ffb45a" opacity=".55" filter="url(#softer)"/><circle cx="520" cy="370" r="54" fill="#ffd79a" opacity=".5" filter="url(#softer)"/><circle cx="1210" cy="190" r="72" fill="#ff8e4d" opacity=".5" filter="url(#softer)"/>
    ${shadow(800, 1058, 170, 22)}
    <ellipse cx="960" cy="1090" rx="190" ry="30" fill="#2fd36b" opacity=".16" filter="url(#softer)"/>
    <path d="${outline}" fill="url(#glass)"/>
    <g clip-path="url(#inside)"><rect x="600" y="905" width="400" height="170" fill="url(#drink)" opacity=".75"/><ellipse cx="800" cy="905" rx="166" ry="18" fill="#3fae66" opacity=".8"/>
      <path d="M620 690 Q800 722 980 690 L980 880 Q800 912 620 880 Z" fill="#f3f0e2"/><path d="M620 690 Q800 722 980 690 L980 880 Q800 912 620 880 Z" fill="url(#glass)" opacity=".25"/>
      <text x="800" y="800" font-family="DejaVu Serif" font-weight="bold" font-size="72" fill="#0d5a2a" text-anchor="middle">PINE</text><text x="800" y="858" font-family="DejaVu Sans" font-size="32" fill="#28513a" text-anchor="middle">360 ml  16.5%</text>
      <rect x="668" y="560" width="22" height="470" rx="11" fill="#fff" opacity=".6" filter="url(#soft)"/><rect x="772" y="210" width="14" height="260" rx="7" fill="#fff" opacity=".65" filter="url(#soft)"/><rect x="925" y="600" width="12" height="410" rx="6" fill="#d8ffe4" opacity=".5" filter="url(#soft)"/></g>
    <path d="${outline}" fill="none" stroke="#01180a" stroke-width="4" opacity=".7"/>
    <rect x="740" y="196" width="120" height="26" rx="12" fill="#2aa257" stroke="#04260f" stroke-width="3"/>
    <ellipse cx="800" cy="188" rx="48" ry="11" fill="#06331a" stroke="#5fd085" stroke-width="5"/>`
  return frame(definitions, body)
}
