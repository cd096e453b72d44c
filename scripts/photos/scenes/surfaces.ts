import { gradient, texture } from './parts.ts'

/** The background of a photo: definitions for `<defs>` and shapes that are painted first. */
export type Surface = { definitions: string; body: string }

const light = (opacity: number) =>
  `${gradient(
    'room',
    [
      [0, '#fff', opacity],
      [0.55, '#fff', 0],
      [1, '#000', opacity],
    ],
    35,
  )}`
const lit = '<rect width="1600" height="1200" fill="url(#room)"/>'

/** A table with its far edge visible and a wall with out-of-focus objects behind it. */
export function table(
  wall: [string, string],
  wood: { dark: number[]; light: number[]; seed: number },
  edgeY: number,
): Surface {
  return {
    definitions: `${gradient(
      'wall',
      [
        [0, wall[0]],
        [1, wall[1]],
      ],
      90,
    )}${texture('grain', '0.0035 0.09', wood.dark, wood.light, wood.seed)}${gradient(
      'depth',
      [
        [0, '#000', 0.38],
        [0.35, '#000', 0.05],
        [1, '#000', 0.12],
      ],
      90,
    )}${light(0.16)}`,
    body: `<rect width="1600" height="${edgeY + 4}" fill="url(#wall)"/><g filter="url(#far)" opacity=".5"><rect x="90" y="${edgeY - 330}" width="210" height="320" fill="${wall[1]}"/><circle cx="1330" cy="${edgeY - 190}" r="130" fill="#fff6dc"/><rect x="1120" y="${edgeY - 130}" width="330" height="120" fill="#46505a"/></g><rect y="${edgeY}" width="1600" height="${1200 - edgeY}" fill="#fff" filter="url(#grain)"/><rect y="${edgeY}" width="1600" height="${1200 - edgeY}" fill="url(#depth)"/><rect y="${edgeY - 5}" width="1600" height="10" fill="#000" opacity=".25" filter="url(#soft)"/>${lit}`,
  }
}

/** A floor or cloth seen from above. */
export function floor(dark: number[], bright: number[], frequency: string, seed: number, joints = ''): Surface {
  return {
    definitions: `${texture('ground', frequency, dark, bright, seed)}${light(0.28)}`,
    body: `<rect width="1600" height="1200" fill="#fff" filter="url(#ground)"/>${joints}${lit}`,
  }
}
