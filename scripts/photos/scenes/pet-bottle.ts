import { frame, gradient, shadow } from './parts.ts'
import { table } from './surfaces.ts'

const outline =
  'M752 250 L752 300 C740 360 640 400 628 500 L628 600 C640 612 640 640 628 652 L628 880 C640 892 640 912 628 924 L632 1010 C634 1046 660 1056 690 1056 L910 1056 C940 1056 966 1046 968 1010 L972 924 C960 912 960 892 972 880 L972 652 C960 640 960 612 972 600 L972 500 C960 400 860 360 848 300 L848 250 Z'

/** A clear PET water bottle with its label on, on a wooden table. */
export function petBottle(): string {
  const desk = table(['#c9d5dc', '#aebcc4'], { dark: [0.42, 0.26, 0.14], light: [0.72, 0.5, 0.31], seed: 11 }, 560)
  const definitions = `${desk.definitions}
    ${gradient('clear', [
      [0, '#3c5a66', 0.55],
      [0.08, '#e9f6fa', 0.5],
      [0.22, '#ffffff', 0.2],
      [0.6, '#dcedf2', 0.14],
      [0.86, '#f4fbff', 0.45],
      [1, '#35525d', 0.6],
    ])}
    ${gradient('label', [
      [0, '#06366e'],
      [0.14, '#1769b5'],
      [0.3, '#4aa1e6'],
      [0.7, '#1d74c4'],
      [1, '#052c5c'],
    ])}
    ${gradient('cap', [
      [0, '#0b3d78'],
      [0.25, '#5fb0f2'],
      [0.6, '#2b7fce'],
      [1, '#082e5e'],
    ])}
    <clipPath id="inside"><path d="${outline}"/></clipPath>`
  const ribs = [470, 690, 720, 950, 985]
    .map(
      (y) =>
        `<path d="M630 ${y} Q800 ${y + 34} 970 ${y}" fill="none" stroke="#fff" stroke-width="5" opacity=".5"/><path d="M630 ${y + 8} Q800 ${y + 42} 970 ${y + 8}" fill="none" stroke="#284550" stroke-width="4" opacity=".28"/>`,
    )
    .join('')
  const body = `${desk.body}${shadow(800, 1050, 175, 22)}
    <path d="${outline}" fill="url(#clear)"/>
    <g clip-path="url(#inside)">${ribs}
      <path d="M620 520 Q800 556 980 520 L980 850 Q800 886 620 850 Z" fill="url(#label)" opacity=".95"/>
      <path d="M620 548 Q800 584 980 548 L980 560 Q800 596 620 560 Z M620 812 Q800 848 980 812 L980 824 Q800 860 620 824 Z" fill="#fff" opacity=".85"/>
      <text x="800" y="700" font-family="DejaVu Sans" font-weight="bold" font-size="86" fill="#fff" text-anchor="middle">AQUA</text>
      <text x="800" y="762" font-family="DejaVu Sans" font-size="30" fill="#dff1ff" text-anchor="middle">spring water 500 ml</text>
      <path d="M560 640 L700 790 L560 880 Z" fill="#fff" opacity=".08"/>
      <rect x="664" y="330" width="26" height="700" rx="13" fill="#fff" opacity=".6" filter="url(#soft)"/>
      <rect x="918" y="360" width="16" height="660" rx="8" fill="#fff" opacity=".45" filter="url(#soft)"/>
      <path d="M660 1040 Q720 990 800 1036 Q880 990 940 1040" fill="none" stroke="#fff" stroke-width="9" opacity=".55"/>
    </g>
    <path d="${outline}" fill="none" stroke="#2e4a55" stroke-width="4" opacity=".55"/>
    <rect x="738" y="238" width="124" height="18" rx="8" fill="#e7f3f8" opacity=".9"/>
    <rect x="746" y="160" width="108" height="80" rx="10" fill="url(#cap)"/>
    ${Array.from({ length: 12 }, (_, i) => `<rect x="${751 + i * 8.6}" y="170" width="2.4" height="64" fill="#04264e" opacity=".45"/>`).join('')}
    <ellipse cx="800" cy="163" rx="53" ry="8" fill="#7cc0f6"/>`
  return frame(definitions, body)
}
