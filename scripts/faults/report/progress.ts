export type Progress = {
  /** A line that replaces itself on a terminal, and is omitted elsewhere. */
  step: (text: string) => void
  /** A permanent line. */
  say: (text: string) => void
}

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const clear = () => {
    if (stream.isTTY) stream.write('\r\x1b[2K')
  }
  return {
    step: (text) => {
      if (!stream.isTTY) return
      clear()
      stream.write(text.slice(0, (stream.columns ?? 80) - 1))
    },
    say: (text) => {
      clear()
      stream.write(`${text}\n`)
    },
  }
}
