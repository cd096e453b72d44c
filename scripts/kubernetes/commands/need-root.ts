/** Throws where the node cannot run. */
export function needRoot(): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) return
  throw new Error(`The cluster needs Linux and root; this is ${process.platform}, user ${process.getuid?.()}`)
}
