import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../lib/until.ts'
import { isRunning, listDaemons, logOf, startDaemon, stopDaemon } from './daemon.ts'
import { identify, isAlive } from './process-identity.ts'

let places = { state: '', logs: '', node: 'none' }
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'growbin-daemon-'))
  places = { state: join(folder, 'state'), logs: join(folder, 'logs'), node: 'none' }
})
afterEach(async () => {
  for (const name of await listDaemons(places)) await stopDaemon(places, name)
  await rm(join(places.state, '..'), { recursive: true, force: true })
})

test('a program runs on, is found by any later command, and is stopped by its name', async () => {
  await startDaemon(places, 'sleeper', ['sh', '-c', 'echo started; sleep 600'], { network: 'machine' })
  await until('its first line', async () => (await readFile(logOf(places, 'sleeper'), 'utf8')) === 'started\n')
  expect(await listDaemons(places)).toEqual(['sleeper'])
  expect(await isRunning(places, 'sleeper')).toBe(true)
  await stopDaemon(places, 'sleeper')
  expect(await isRunning(places, 'sleeper')).toBe(false)
  expect(await listDaemons(places)).toEqual([])
})

test('a program that runs is not started twice', async () => {
  const start = () => startDaemon(places, 'sleeper', ['sh', '-c', 'echo started; sleep 600'], { network: 'machine' })
  await start()
  await start()
  await until('its first line', async () => (await readFile(logOf(places, 'sleeper'), 'utf8')) !== '')
  expect(await readFile(logOf(places, 'sleeper'), 'utf8')).toBe('started\n')
})

test('another process with the same id is not the one that was started', async () => {
  const own = await identify(process.pid)
  expect(own && (await isAlive(own))).toBe(true)
  expect(await isAlive({ pid: process.pid, startedAtTicks: '1' })).toBe(false)
})

test('a program that does not exist is an error at once', async () => {
  const start = startDaemon(places, 'missing', ['/nonexistent/program'], { network: 'machine' })
  await expect(start).rejects.toThrow('ENOENT')
})
