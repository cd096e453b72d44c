import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../run/command.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

export const certificateFolder = ({ state }: Pick<Settings, 'state'>): string => join(state, 'certificates')
export const kubeconfigOf = ({ state }: Pick<Settings, 'state'>, user: string): string =>
  join(state, `${user}.kubeconfig`)

/** A certificate of the cluster's own authority, as `<name>.crt` and `<name>.key` in the folder of certificates. */
export async function signCertificate(
  settings: Settings,
  request: { name: string; subject: string; extension: string },
  log: string,
): Promise<{ certificate: string; key: string }> {
  const folder = certificateFolder(settings)
  const { name, subject, extension } = request
  await openssl(settings, ['genrsa', '-out', `${name}.key`, '2048'], log)
  await openssl(settings, ['req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`], log)
  await writeFile(join(folder, `${name}.ext`), extension)
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650']
  await openssl(
    settings,
    ['x509', '-req', '-in', `${name}.csr`, ...authority, '-out', `${name}.crt`, '-extfile', `${name}.ext`],
    log,
  )
  return {
    certificate: await readFile(join(folder, `${name}.crt`), 'utf8'),
    key: await readFile(join(folder, `${name}.key`), 'utf8'),
  }
}

const openssl = (settings: Settings, args: string[], log: string) =>
  runCommand('openssl', args, { log, cwd: certificateFolder(settings) })

const users = {
  admin: { name: 'admin', group: 'system:masters' },
  node: { name: undefined, group: 'system:nodes' },
  'kube-proxy': { name: 'system:kube-proxy', group: 'growbin:node-proxiers' },
} as const

export function certificatesStep(settings: Settings): Step {
  const folder = certificateFolder(settings)
  return {
    name: 'certificates',
    version: versionOf(settings.nodeIp, settings.apiServiceIp, settings.node),
    kept: 'state',
    isThere: async () => (await readFile(join(folder, 'tokens.csv'), 'utf8').catch(() => '')) !== '',
    run: async (log) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await openssl(settings, ['genrsa', '-out', 'ca.key', '2048'], log)
      await openssl(
        settings,
        ['req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=growbin-cluster', '-days', '3650', '-out', 'ca.crt'],
        log,
      )
      const addresses = [
        `IP:${settings.nodeIp}`,
        'IP:127.0.0.1',
        `IP:${settings.apiServiceIp}`,
        'DNS:localhost',
        'DNS:kubernetes.default.svc',
      ]
      await signCertificate(
        settings,
        { name: 'api', subject: '/CN=kube-apiserver', extension: `subjectAltName=${addresses.join(',')}` },
        log,
      )
      const client = {
        name: 'kubelet-client',
        subject: '/O=system:masters/CN=kube-apiserver',
        extension: 'extendedKeyUsage=clientAuth',
      }
      await signCertificate(settings, client, log)
      await openssl(settings, ['genrsa', '-out', 'accounts.key', '2048'], log)
      await openssl(settings, ['rsa', '-in', 'accounts.key', '-pubout', '-out', 'accounts.pub'], log)
      const tokens: string[] = []
      for (const [user, { name = `system:node:${settings.node}`, group }] of Object.entries(users)) {
        const token = randomBytes(24).toString('hex')
        tokens.push(`${token},${name},${name},"${group}"\n`)
        await writeFile(kubeconfigOf(settings, user), kubeconfig(settings, user, token), { mode: 0o600 })
      }
      await writeFile(join(folder, 'tokens.csv'), tokens.join(''), { mode: 0o600 })
      return undefined
    },
  }
}

const kubeconfig = (settings: Settings, user: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'growbin',
    clusters: [
      {
        name: 'growbin',
        cluster: {
          server: `https://${settings.nodeIp}:6443`,
          'certificate-authority': join(certificateFolder(settings), 'ca.crt'),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'growbin', context: { cluster: 'growbin', user } }],
  })
