import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const CANDIDATES = 10_000
const LOWEST_CANDIDATE = 10_000
// The default of Linux; macOS starts at 49152.
const DEFAULT_EPHEMERAL_START = 32_768

/**
 * A free TCP port of 127.0.0.1 for a server that will listen later, possibly in a child process. The system gives it to no outgoing
 * connection, and this function gives it to no other caller on the machine until this process ends. Throws when no candidate is free.
 */
export async function findFreePort(
  candidates: Iterable<number> = candidatePorts(process.pid, readEphemeralStart()),
): Promise<number> {
  for (const port of candidates) {
    try {
      // The UDP port of the same number is the reservation: the kernel gives it to one process, releases it when that one ends in
      // whatever way, and a TCP server may still listen on the number.
      await reserve(port)
      await probePort(port)
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error('No candidate for a TCP port on 127.0.0.1 is free.')
}

/**
 * The ports below the ephemeral range, beginning at a position that differs between processes. Where that range leaves no unprivileged
 * ports below it, the candidates are inside, and an outgoing connection may take one.
 */
export function* candidatePorts(processId: number, ephemeralStart: number): Generator<number> {
  const first = Math.max(LOWEST_CANDIDATE, ephemeralStart - CANDIDATES)
  for (let step = 0; step < CANDIDATES; step++) yield first + ((processId + step) % CANDIDATES)
}

/** The first port that the system may give to an outgoing connection. */
export function readEphemeralStart(): number {
  if (process.platform !== 'linux') return DEFAULT_EPHEMERAL_START
  const [start = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)
  return Number(start)
}

/** Throws unless a server could listen on this port of 127.0.0.1. */
export async function checkPortFree(port: number, server: string): Promise<void> {
  try {
    await probePort(port)
  } catch (cause) {
    const reason = 'another program does; stop it or choose another port.'
    throw new Error(`${server} cannot listen on 127.0.0.1:${port}: ${reason}`, { cause })
  }
}

async function probePort(port: number): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ port, host: '127.0.0.1' }, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}

/** Keeps the UDP port of this number until the process ends, without keeping the process alive. */
async function reserve(port: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, resolve)
  })
  socket.unref()
}
