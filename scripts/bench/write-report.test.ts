import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeMachine, formatMeasurements, writeReport } from './write-report.ts'

const now = new Date('2026-11-21T00:00:00Z')
const measurement = {
  name: 'cold-start-waste-status',
  unit: 'ms',
  value: 151.234,
  reference: 84.449,
  ratio: 1.7908,
  spread: [1.7012, 1.8999] as [number, number],
  pairs: 12,
}

test('the file contains the machine and each measurement with its unit, reference and ratio', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-report-'))
  const path = join(directory, 'bench.json')
  const machine = describeMachine(now)
  await writeReport(path, { machine, measurements: [measurement] })
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    machine,
    measurements: [{ ...measurement, value: 151, reference: 84.4, ratio: 1.79, spread: [1.7, 1.9] }],
  })
  await rm(directory, { recursive: true })
})

test('the machine description contains what the figures depend on', () => {
  expect(describeMachine(now)).toEqual({
    cpu: expect.any(String),
    cores: expect.any(Number),
    memory_mib: expect.any(Number),
    load: expect.any(Number),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    at: '2026-11-21T00:00:00.000Z',
  })
})

test('the table shows ratio and spread beside the figures', () => {
  expect(formatMeasurements([measurement]).split('\n').at(-1)?.split(/ {2,}/)).toEqual([
    'cold-start-waste-status',
    'ms',
    '151',
    '84.4',
    '1.79',
    '1.70–1.90',
    '12',
  ])
})
