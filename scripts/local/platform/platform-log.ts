export type PlatformLog = (level: 'info' | 'error', message: string, fields?: object) => void

/** Log lines of the platform itself, in the form of those of its functions. */
export function createPlatformLog(writeLog: (line: string) => void): PlatformLog {
  return (level, message, fields = {}) =>
    writeLog(JSON.stringify({ level, time: new Date().toISOString(), service: 'platform', ...fields, message }))
}

/** Log lines of its broker. */
export function createBrokerLog(writeLog: (line: string) => void) {
  const write = (level: string) => (fields: object, message: string) =>
    writeLog(JSON.stringify({ level, time: new Date().toISOString(), service: 'broker', ...fields, message }))
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
