import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from './ports/free-port.ts'
import { probeTcp } from './ports/probe-tcp.ts'
import { createRestartableServer, type RestartableServer } from './restartable-server.ts'
import { spawnTied, type TiedProcess } from './spawn-tied.ts'
import { waitUntilAnswers } from './wait-until.ts'

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
const CONTROL_TIMEOUT_MS = 30_000
const PROBE_TIMEOUT_MS = 5_000
// The script of the Debian package in PATH would change to the user "rabbitmq" and to the machine's own directories.
const SERVER_SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const CONTROL_SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmqctl'
const AMQP_GREETING = 'AMQP\x00\x00\x09\x01'
const METHOD_FRAME = 1

const CONFIGURATION = `
loopback_users.guest = true
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 50MiB
log.console = true
log.console.level = error
log.file = false
`

export type RealRabbitmq = RestartableServer & {
  /** Runs `rabbitmqctl` for this server, and returns its output. */
  control: (...args: string[]) => Promise<string>
}

/** Starts the installed RabbitMQ without plugins in its own directory, with its own port mapper daemon (epmd). */
export async function startRealRabbitmq(log: (line: string) => void = () => undefined): Promise<RealRabbitmq> {
  const directory = await mkdtemp(join(tmpdir(), 'growbin-rabbitmq-'))
  const [amqpPort, distributionPort, epmdPort] = [await findFreePort(), await findFreePort(), await findFreePort()]
  const file = (name: string) => join(directory, name)
  await writeFile(file('rabbitmq.conf'), CONFIGURATION)
  await writeFile(file('enabled_plugins'), '[].\n')
  await writeFile(file('environment.conf'), '')
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:RABBITMQ|ERL)_|^(?:CONF_ENV_FILE|NODENAME)$/.test(name),
  )
  const env = {
    ...Object.fromEntries(inherited),
    HOME: directory,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_MAX_PORTS: '4096',
    RABBITMQ_NODENAME: `growbin-${amqpPort}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(amqpPort),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: file('mnesia'),
    RABBITMQ_LOG_BASE: file('log'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: file('environment.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
    RABBITMQ_MAX_NUMBER_OF_PROCESSES: '65536',
    // Lets the script replace itself by the Erlang machine, which stops cleanly on SIGTERM, instead of running a shell beside it.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput +S 2:2 +A 16',
  }
  const common = { env, directory, stopTimeoutMs: STOP_TIMEOUT_MS, stopSignal: 'SIGTERM', log } as const
  let epmd: TiedProcess | undefined

  const server = createRestartableServer(`amqp://guest:guest@127.0.0.1:${amqpPort}`, directory, async () => {
    // Without a running one, Erlang would start one that outlives the test.
    if (!epmd?.isRunning()) epmd = await spawnTied({ ...common, command: 'epmd', args: ['-port', String(epmdPort)] })
    const names = '\x00\x01n'
    await waitUntilAnswers('epmd', epmd, START_TIMEOUT_MS, () => probeTcp(epmdPort, names, () => true))
    const tied = await spawnTied({ ...common, command: SERVER_SCRIPT, args: [] })
    await waitUntilAnswers('rabbitmq-server', tied, START_TIMEOUT_MS, () =>
      probeTcp(amqpPort, AMQP_GREETING, (first) => first[0] === METHOD_FRAME, PROBE_TIMEOUT_MS),
    )
    return tied
  })
  try {
    const { close, ...rest } = await server
    return {
      ...rest,
      control: async (...args) => {
        const { stdout } = await promisify(execFile)(CONTROL_SCRIPT, ['--quiet', ...args], {
          env,
          timeout: CONTROL_TIMEOUT_MS,
        })
        return stdout
      },
      async close() {
        await close()
        await epmd?.kill()
      },
    }
  } catch (cause) {
    await epmd?.kill()
    throw cause
  }
}
