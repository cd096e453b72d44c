import { writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { formatTable } from '../lib/format-table.ts'
import type { Measurement, Report } from './measurement.ts'

/** The environment that the figures depend on. Read before measuring, since it includes the load. */
export function describeMachine(now: Date): Report['machine'] {
  const cores = cpus()
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memory_mib: Math.round(totalmem() / 1_048_576),
    load: round(loadavg()[0] ?? 0),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    at: now.toISOString(),
  }
}

export function formatMeasurements(measurements: readonly Measurement[]): string {
  return formatTable(
    ['measurement', 'unit', 'value', 'reference', 'ratio', 'middle half', 'pairs'],
    measurements.map(({ name, unit, value, reference, ratio, spread, pairs }) => [
      name,
      unit,
      String(round(value)),
      String(round(reference)),
      ratio.toFixed(2),
      `${spread[0].toFixed(2)}–${spread[1].toFixed(2)}`,
      String(pairs),
    ]),
  )
}

export async function writeReport(path: string, { machine, measurements }: Report): Promise<void> {
  const rounded = measurements.map(({ name, unit, value, reference, ratio, spread, pairs }) => ({
    name,
    unit,
    value: round(value),
    reference: round(reference),
    ratio: round(ratio),
    spread: spread.map(round),
    pairs,
  }))
  await writeFile(path, `${JSON.stringify({ machine, measurements: rounded }, null, 2)}\n`)
}

/** Rounds to three significant digits, but keeps all digits before the decimal point. */
function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3))
}
