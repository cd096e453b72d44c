import { frame, gradient, shadow } from './parts.ts'
import { table } from './surfaces.ts'

const leaf = (turn: number, length: number, shade: string) =>
  `<g transform="translate(800 640) rotate(${turn})"><path d="M0 0 C-${length * 0.26} -${length * 0.35} -${length * 0.2} -${length * 0.8} 0 -${length} C${length * 0.2} -${length * 0.8} ${length * 0.26} -${length * 0.35} 0 0 Z" fill="${shade}"/><path d="M0 -10 L0 -${length * 0.92}" stroke="#d5f0b8" stroke-width="5" opacity=".55"/></g>`

/** A living plant in a terracotta pot by the window: not waste. */
export function pottedPlant(): string {
  const sill = table(['#f4f8fb', '#cfe0ea'], { dark: [0.82, 0.8, 0.76], light: [0.98, 0.97, 0.95], seed: 41 }, 840)
  const definitions = `${sill.definitions}${gradient('pot', [
    [0, '#6d2b14'],
    [0.25, '#dd7d4f'],
    [0.6, '#b9552b'],
    [1, '#5a220e'],
  ])}`
  const leaves = [
    [-78, 420, '#2c6b2f'],
    [76, 440, '#2a652d'],
    [-52, 500, '#3c8a3d'],
    [54, 510, '#37803a'],
    [-28, 560, '#4ea24a'],
    [30, 550, '#479845'],
    [0, 600, '#66bb58'],
    [-100, 300, '#245a29'],
    [100, 310, '#22552a'],
  ] as const
  const body = `${sill.body}<path d="M0 0 H1600 M420 0 V840 M1180 0 V840" stroke="#fff" stroke-width="46" filter="url(#soft)"/>${shadow(800, 1060, 250, 30, 160)}
    ${leaves.map(([turn, length, shade]) => leaf(turn, length, shade)).join('')}
    <path d="M560 690 L1040 690 L980 1050 Q800 1090 620 1050 Z" fill="url(#pot)"/><path d="M535 630 L1065 630 L1055 720 Q800 750 545 720 Z" fill="url(#pot)"/>
    <path d="M545 722 Q800 752 1055 722" stroke="#3d1708" stroke-width="14" opacity=".5" fill="none" filter="url(#soft)"/><ellipse cx="800" cy="632" rx="264" ry="26" fill="#3a2416"/>
    ${leaf(-64, 300, '#57ad4e')}${leaf(62, 290, '#4fa247')}`
  return frame(definitions, body)
}
