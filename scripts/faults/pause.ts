import { setTimeout as sleep } from 'node:timers/promises'

/** How long an injury lasts. */
export const pause = (ms: number): Promise<void> => sleep(ms)
