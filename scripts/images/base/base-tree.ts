import { type Entry, file } from '../oci/tree.ts'
import { userId } from '../recipe.ts'
import { type BasePackage, downloadPackage } from './download-packages.ts'
import pinned from './packages.json' with { type: 'json' }
import { readControl, readPackageFiles } from './read-package.ts'

export const basePackages: readonly BasePackage[] = pinned.packages

/** What of each package is needed to run: libraries, certificates, time zones, and under which licence they are. */
const wanted = [
  'lib/x86_64-linux-gnu/[^/]+',
  'lib64/[^/]+',
  'usr/lib/x86_64-linux-gnu/[^/]+',
  'usr/share/ca-certificates/mozilla/.+',
  // Without the forms that count leap seconds, and without the link to a file that the image lacks.
  'usr/share/zoneinfo/(?!right/|posix/|localtime$).+',
  'usr/share/doc/[^/]+(/copyright)?',
]
const wantedPath = new RegExp(`^(${wanted.join('|')})$`)

/** The lowest layer: the C and C++ libraries, certificates and time zones of the distribution, and one user. */
export async function readBaseTree(packageFolder: string): Promise<Entry[]> {
  const entries: Entry[] = [...systemFiles]
  for (const basePackage of basePackages) {
    const content = await downloadPackage(basePackage, packageFolder)
    entries.push(...(await readPackageFiles(content, wantedPath)))
    // Where scanners look for the packages of an image without a package manager.
    entries.push(file(`var/lib/dpkg/status.d/${basePackage.name}`, await readControl(content)))
  }
  return withCertificateBundle(entries)
}

const systemFiles: readonly Entry[] = [
  file('etc/passwd', `root:x:0:0:root:/:/none\nnonroot:x:${userId}:${userId}:nonroot:/tmp:/none\n`),
  file('etc/group', `root:x:0:\nnonroot:x:${userId}:\n`),
  file('etc/nsswitch.conf', 'hosts: files dns\n'),
  file('etc/os-release', `ID=debian\nVERSION_ID="12"\nPRETTY_NAME="${pinned.distribution}"\n`),
  // A runtime mounts these, and cannot make them below a root that is read-only.
  ...['dev', 'proc', 'sys', 'run'].map((path): Entry => ({ path, kind: 'folder' })),
  { path: 'tmp', kind: 'folder', mode: 0o1777 },
]

/** The package makes this file when it is installed, in this order; the single certificates are then not needed. */
function withCertificateBundle(entries: readonly Entry[]): Entry[] {
  const isCertificate = ({ path }: Entry) => path.startsWith('usr/share/ca-certificates/')
  const certificates = entries
    .filter(isCertificate)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap((entry) => (entry.kind === 'file' ? entry.content.toString('utf8').trimEnd() : []))
  return [
    ...entries.filter((entry) => !isCertificate(entry)),
    file('etc/ssl/certs/ca-certificates.crt', `${certificates.join('\n')}\n`),
  ]
}
