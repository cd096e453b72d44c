// Loaded into each function by NODE_OPTIONS: writes how long the event loop was blocked since the last SIGUSR2.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const folder = process.env.GROWBIN_EVENT_LOOP
const resolutionMs = 5
const usedMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

if (folder && isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  // Also by the processor time of the thread: on a busy machine the clock includes the time of other processes.
  let heldMs = 0
  let beforeMs = usedMs()
  setInterval(() => {
    const nowMs = usedMs()
    heldMs = Math.max(heldMs, nowMs - beforeMs)
    beforeMs = nowMs
  }, resolutionMs).unref()
  process.on('SIGUSR2', () => {
    delays.reset()
    heldMs = 0
  })
  const write = () =>
    writeFileSync(
      join(folder, `${process.pid}.json`),
      JSON.stringify({ heldMs, lateMs: delays.max / 1e6 - resolutionMs }),
    )
  setInterval(write, 100).unref()
}
