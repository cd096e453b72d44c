import type { Logger } from '../process/log.ts'

const ignore = () => undefined

export const silentLog: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
