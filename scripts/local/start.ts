import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { formatLogLine } from './format-log-line.ts'

const usage = `Usage: ./scripts/start [options]

Runs the whole system on this machine. Parts that have no address in the environment are embedded or simulated.

  --port N            port of the gateway (8080)
  --host ADDRESS      address that the gateway listens on (127.0.0.1)
  --processes         each function as a process of its own, started on demand and stopped when idle
  --idle-seconds N    with --processes: how long an idle process is kept (30)
  --stages            new analyses go through four functions, as in the nine-node cluster
  --model-latency N   milliseconds that the simulated model takes (0)
  --fresh             forget the data of earlier runs
  --data DIRECTORY    where data is kept (.local/start)
  --json-logs         print logs as they are written, one JSON object a line
  --help              this text

Real parts: DATABASE_URL, REDIS_URL, AMQP_URL, S3_ENDPOINT with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY,
OPENAI_BASE_URL with OPENAI_API_KEY and OPENAI_MODEL, KAKAO_LOCAL_URL with KAKAO_REST_API_KEY. LOG_LEVEL=debug
shows every request.`

const { values } = parseArguments()
if (values.help) {
  console.log(usage)
  process.exit(0)
}

// The platform is a child, so that one place formats its log lines and those of its functions.
const child = spawn(process.execPath, [`${import.meta.dirname}/start-platform.ts`], {
  env: { ...process.env, GROWBIN_START_OPTIONS: JSON.stringify(values) },
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
})
createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on('line', (line) => {
  console.log(values['json-logs'] ? line : formatLogLine(line, process.stdout.isTTY === true))
})
// A signal of the terminal reaches the child too, which ignores it: only a message stops it.
let stopping = false
const stop = () => {
  stopping = true
  // The child may have just ended, which "close" reports.
  if (child.connected) child.send('stop', () => undefined)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
child.on('close', (code, signal) => {
  // In its first moments the child has no handler yet, and a Ctrl-C ends it at once.
  if (stopping && signal === 'SIGINT') process.exit(0)
  process.exit(signal ? 1 : (code ?? 1))
})

function parseArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '8080' },
        host: { type: 'string', default: '127.0.0.1' },
        processes: { type: 'boolean', default: false },
        'idle-seconds': { type: 'string', default: '30' },
        stages: { type: 'boolean', default: false },
        'model-latency': { type: 'string', default: '0' },
        fresh: { type: 'boolean', default: false },
        data: { type: 'string' },
        'json-logs': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
}
