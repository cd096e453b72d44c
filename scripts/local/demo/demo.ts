import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { AnalysisResult } from '../../../functions/waste/analysis-result.ts'
import { SNIFF_BYTES, sniffImageType } from '../../../functions/waste/sniff-image-type.ts'
import { createGrowbinClient, type JobStatus, type Provider } from './growbin-client.ts'
import { isConnectionRefused, waitUntilReady } from './wait-until-ready.ts'

const usage = `Usage: ./scripts/demo [photo] [options]

Logs in, uploads a photo, follows the analysis and prints the answer.

  photo               JPEG, PNG or WebP (scripts/photos/pet-bottle.jpg)
  --base-url URL      the deployment (http://127.0.0.1:8080)
  --provider NAME     kakao, naver or google (kakao)
  --name NAME         whom the simulated provider signs in (demo)
  --language ko|en    of the answer (ko)
  --place LAT,LNG     where you are, for bins nearby (37.5663,126.9779)
  --wait SECONDS      how long to wait for a server to listen (30)
  --json              print the result as JSON
  --token             only sign in, and print the access token (for the API page at /api/v1/docs)
  --help              this text`

async function main(): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) {
    console.log(usage)
    return 0
  }
  const quiet = values.json || values.token
  const waitForServer = () =>
    waitUntilReady(values['base-url'], {
      report: (waitsFor) => say(quiet, `… waits for ${waitsFor}`),
      listenTimeoutMs: parseSeconds(values.wait) * 1000,
    })
  if (values.token) {
    await waitForServer()
    const client = createGrowbinClient({ baseUrl: values['base-url'], language: values.language })
    await client.login(values.provider as Provider, values.name)
    console.log(client.accessToken())
    return 0
  }
  const path = positionals[0] ? resolve(positionals[0]) : join(import.meta.dirname, '../../photos/pet-bottle.jpg')
  const bytes = new Uint8Array(await readFile(path))
  const contentType = sniffImageType(bytes.subarray(0, SNIFF_BYTES))
  if (!contentType) throw new Error(`"${path}" is not a photo: expected JPEG, PNG, WebP or HEIC`)
  const [lat, lng] = values.place.split(',').map(Number)
  if (lat === undefined || lng === undefined || Number.isNaN(lat + lng)) throw new Error('"--place" is LAT,LNG')

  const traceId = randomBytes(16).toString('hex')
  const client = createGrowbinClient({
    baseUrl: values['base-url'],
    language: values.language,
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  })
  await waitForServer()
  const took = createTimings()
  const user = await took('login', () => client.login(values.provider as Provider, values.name))
  say(values.json, `✓ signed in with ${values.provider} as ${user.display_name ?? user.user_id}`)
  const startedMs = performance.now()
  const jobId = await took('upload', () => client.upload({ bytes, contentType }, { lat, lng }))
  say(values.json, `✓ uploaded ${basename(path)} (${Math.round(bytes.byteLength / 1024)} KiB), job ${jobId}`)
  await took('complete', () => client.completeUpload(jobId))
  const end = await took('analysis', () => client.follow(jobId, (status) => drawProgress(values.json, status), 120_000))
  const totalMs = performance.now() - startedMs

  if (end.status === 'failed' || !end.result) throw new Error(`The analysis failed (${end.reason}): ${end.message}`)
  if (values.json) console.log(JSON.stringify(end.result, null, 2))
  else printResult(end.result, values.language, took.entries, totalMs, traceId)
  return 0
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'base-url': { type: 'string', default: 'http://127.0.0.1:8080' },
        provider: { type: 'string', default: 'kakao' },
        name: { type: 'string', default: 'demo' },
        language: { type: 'string', default: 'ko' },
        place: { type: 'string', default: '37.5663,126.9779' },
        wait: { type: 'string', default: '30' },
        json: { type: 'boolean', default: false },
        token: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`)
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 3600))
    throw new Error('"--wait" is a number of seconds, 0 to 3600')
  return seconds
}

function createTimings() {
  const entries: [string, number][] = []
  const took = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now()
    const value = await work()
    entries.push([name, performance.now() - startedMs])
    return value
  }
  return Object.assign(took, { entries })
}

const barWidth = 30

function drawProgress(quiet: boolean, { progress, message }: JobStatus): void {
  if (quiet) return
  const filled = Math.round((Math.max(0, progress) / 100) * barWidth)
  const line = `  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.max(0, progress)).padStart(3)}% ${message}`
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${line}${progress === 100 ? '\n' : ''}`)
  else console.log(line)
}

function say(quiet: boolean, text: string): void {
  if (!quiet) console.log(text)
}

const words = {
  ko: { recyclable: '재활용 가능', not: '재활용 불가', bins: '가까운 수거함', sure: '확신', moved: '버릴 곳' },
  en: { recyclable: 'recyclable', not: 'not recyclable', bins: 'Nearby bins', sure: 'sure', moved: 'goes to' },
} as const

function printResult(
  result: AnalysisResult,
  language: string,
  timings: [string, number][],
  totalMs: number,
  traceId: string,
): void {
  const word = language === 'en' ? words.en : words.ko
  const moved = result.moved_to ? ` → ${word.moved} ${result.moved_to}` : ''
  console.log(
    [
      '',
      `  ${result.item_name}  ·  ${result.category}${moved}  ·  ${result.recyclable ? word.recyclable : word.not}  ·  ${Math.round(result.confidence * 100)}% ${word.sure}`,
      '',
      `  ${result.feedback}`,
      '',
      ...result.disposal_steps.map((step) => `  ${step.order}. ${step.text}`),
      ...(result.nearby_bins.length > 0
        ? ['', `  ${word.bins}`, ...result.nearby_bins.map((bin) => `  · ${bin.name} ${bin.distance_m} m`)]
        : []),
      '',
      `  ${result.answered_by} by ${result.model}; ${timings.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`,
      `  photo to answer in ${Math.round(totalMs)} ms; in the logs: trace_id=${traceId}`,
      '',
    ].join('\n'),
  )
}

try {
  process.exit(await main())
} catch (error) {
  const advice = isConnectionRefused(error) ? '. Is it running? Start it with ./scripts/start' : ''
  console.error(`\n✗ ${(error as Error).message}${advice}`)
  process.exit(1)
}
