const colours = { debug: 90, info: 36, warn: 33, error: 31, fatal: 31 } as const
const shownApart = new Set(['level', 'time', 'service', 'message', 'revision', 'request_id'])

/** A JSON log line in a readable form; any other line unchanged. */
export function formatLogLine(line: string, colour: boolean): string {
  if (!line.startsWith('{')) return line
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const level = String(entry.level ?? 'info')
  const paint = (text: string, code: number) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const code = colours[level as keyof typeof colours] ?? 0
  const fields = Object.entries(entry)
    .filter(([name]) => !shownApart.has(name))
    .map(([name, value]) => `${name}=${renderValue(name, value)}`)
  const time = String(entry.time ?? '').slice(11, 23)
  return [
    time,
    paint(level.padEnd(5), code),
    String(entry.service ?? ''),
    String(entry.message ?? ''),
    paint(fields.join(' '), 90),
  ]
    .filter(Boolean)
    .join(' ')
}

function renderValue(name: string, value: unknown): string {
  if (name === 'error' && typeof value === 'object' && value !== null) return renderError(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

type LoggedError = { name?: string; message?: string; code?: string; cause?: LoggedError }

function renderError(error: LoggedError): string {
  const own = `${error.name}: ${error.message}${error.code ? ` (${error.code})` : ''}`
  return error.cause ? `${own} ← ${renderError(error.cause)}` : own
}
