import { createWriteStream } from 'node:fs'

export type PostgresLog = {
  /** Takes one line that the server wrote. */
  write: (line: string) => void
  /** Around a start or a stop errors are part of the course: connections are refused and cut. */
  setSettled: (settled: boolean) => void
  close: () => Promise<void>
}

const failure = /\b(ERROR|FATAL|PANIC): {2}(.*)$/

/** Keeps what PostgreSQL writes in a file, and reports its errors while it should be running well. */
export function openPostgresLog(path: string, reportFailure: (severity: string, text: string) => void): PostgresLog {
  const file = createWriteStream(path, { mode: 0o600 })
  // A full disk must not end the platform for the sake of its log.
  file.on('error', () => undefined)
  let isSettled = false
  return {
    write: (line) => {
      file.write(`${line}\n`)
      const [, severity, text] = failure.exec(line) ?? []
      if (isSettled && severity && text) reportFailure(severity, text)
    },
    setSettled: (settled) => {
      isSettled = settled
    },
    close: () => new Promise((resolve) => file.end(resolve)),
  }
}
