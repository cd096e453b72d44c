import { rm } from 'node:fs/promises'
import type { TiedProcess } from './spawn-tied.ts'

/** A real server that a test may stop, kill and restart on the same port with the same files. */
export type RestartableServer = {
  url: string
  /** Stops it as an operator would; it keeps its data on disk. */
  stop: () => Promise<void>
  /** Kills it as a power cut would. */
  kill: () => Promise<void>
  /** Restarts it, or starts it if it is stopped, and resolves when it answers. */
  restart: () => Promise<void>
  /** Stops it and removes its files. */
  close: () => Promise<void>
}

/** Adds stop and restart to a launch function that resolves when the server answers. */
export async function createRestartableServer(
  url: string,
  directory: string,
  launch: () => Promise<TiedProcess>,
): Promise<RestartableServer> {
  let running = await launch().catch(async (cause: unknown) => {
    await rm(directory, { recursive: true, force: true })
    throw cause
  })
  return {
    url,
    stop: () => running.stop(),
    kill: () => running.kill(),
    async restart() {
      await running.stop()
      running = await launch()
    },
    async close() {
      await running.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
