import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../run/command.ts'

/** What servers and programs of this cluster need of the distribution. */
export const rootPackages = [
  'rabbitmq-server',
  'redis-server',
  'dash',
  'bash',
  'coreutils',
  'sed',
  'grep',
  'mawk',
  'hostname',
  'procps',
  'libc-bin',
  'base-files',
  'debianutils',
  'diffutils',
  'findutils',
  'libstdc++6',
  'ca-certificates',
  // Looked up by the webhook of Eventing for cron sources.
  'tzdata',
  // Called when Kourier's gateway terminates.
  'curl',
] as const

const unpackTimeoutMs = 20 * 60_000
const unneeded = [
  'var/lib/apt',
  'var/lib/dpkg',
  'var/cache',
  'dev',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
]
const writable = ['tmp', 'var/lib/rabbitmq', 'var/log/rabbitmq', 'etc/rabbitmq', 'etc/rabbitmq/conf.d', 'var/lib/redis']

/** Unpacks the packages without running their scripts, and makes what those would have made. */
export async function makeDebianRoot(root: string, log: string): Promise<void> {
  await rm(root, { recursive: true, force: true })
  const release = await readFile('/etc/os-release', 'utf8')
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? 'bookworm'
  const options = [
    '--variant=extract',
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    `--include=${rootPackages.join(',')}`,
  ]
  await runCommand('mmdebstrap', [...options, codename, root, await findSources()], { log, timeoutMs: unpackTimeoutMs })
  for (const path of unneeded) await rm(join(root, path), { recursive: true, force: true })
  for (const path of ['dev', 'proc', 'sys', 'app', 'etc/ssl/certs', ...writable])
    await mkdir(join(root, path), { recursive: true })
  for (const path of writable) await chmod(join(root, path), path === 'tmp' ? 0o1777 : 0o777)
  for (const [name, target] of [
    ['awk', 'mawk'],
    ['sh', 'dash'],
  ] as const) {
    await symlink(target, join(root, 'usr/bin', name)).catch(ignoreExisting)
  }
  await runCommand(
    'sh',
    ['-c', `cat ${root}/usr/share/ca-certificates/mozilla/*.crt > ${root}/etc/ssl/certs/ca-certificates.crt`],
    { log },
  )
  const users = { root: 0, redis: 996, postgres: 997, rabbitmq: 999, nonroot: 65532 }
  await writeFile(
    join(root, 'etc/passwd'),
    Object.entries(users)
      .map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh\n`)
      .join(''),
  )
  await writeFile(
    join(root, 'etc/group'),
    Object.entries(users)
      .map(([name, id]) => `${name}:x:${id}:\n`)
      .join(''),
  )
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

const ignoreExisting = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EEXIST') throw error
}

async function findSources(): Promise<string> {
  for (const path of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    if ((await stat(path).catch(() => undefined))?.size) return path
  }
  throw new Error('apt has no list of sources in "/etc/apt"')
}
