/** Size of every sample photo, in pixels. */
export const FRAME = { width: 1600, height: 1200 }

/** A linear gradient over the bounding box, from offset and colour pairs; `angle` 0 runs left to right, 90 downwards. */
export function gradient(id: string, stops: [offset: number, colour: string, opacity?: number][], angle = 0): string {
  const marks = stops.map(
    ([at, colour, opacity = 1]) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
  )
  return `<linearGradient id="${id}" gradientTransform="rotate(${angle} .5 .5)">${marks.join('')}</linearGradient>`
}

/** A radial gradient over the bounding box. */
export function glow(id: string, inner: string, outer: string, outerOpacity = 1): string {
  return `<radialGradient id="${id}"><stop offset="0" stop-color="${inner}"/><stop offset="1" stop-color="${outer}" stop-opacity="${outerOpacity}"/></radialGradient>`
}

/** A filter that blurs by `deviation` pixels. */
export function blur(id: string, deviation: number): string {
  return `<filter id="${id}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="${deviation}"/></filter>`
}

/** A filter that replaces the shape with procedural grain between two colours (components 0..1). */
export function texture(id: string, frequency: string, dark: number[], light: number[], seed: number): string {
  const rows = dark.map((low, i) => {
    const high = light[i] ?? low
    // Turbulence stays near 0.5, so the span is widened to reach both colours.
    const gain = (high - low) * 2.4
    return `${gain} 0 0 0 ${(low + high) / 2 - gain / 2}`
  })
  return `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="5" seed="${seed}"/><feColorMatrix type="matrix" values="${rows.join(' ')} 0 0 0 0 1"/><feComposite in2="SourceGraphic" operator="in"/></filter>`
}

/** The soft shadow and the dark contact line where an object stands on its surface. */
export function shadow(cx: number, cy: number, rx: number, ry: number, drift = 90): string {
  return `<ellipse cx="${cx + drift}" cy="${cy}" rx="${rx * 1.25}" ry="${ry * 1.5}" fill="#000" opacity=".35" filter="url(#shadow-far)"/><ellipse cx="${cx + drift * 0.15}" cy="${cy}" rx="${rx}" ry="${ry}" fill="#000" opacity=".55" filter="url(#shadow-near)"/>`
}

/** Renders the SVG document of one scene. */
export function frame(definitions: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${FRAME.width}" height="${FRAME.height}" viewBox="0 0 1600 1200"><defs>${blur('shadow-far', 34)}${blur('shadow-near', 12)}${blur('soft', 6)}${blur('softer', 16)}${blur('far', 40)}${definitions}</defs>${body}</svg>`
}
