import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from '../run/command.ts'
import type { Settings } from '../settings.ts'

/** Programs that are built from one module of ours, so that what they share is compiled once. */
export type GoModule = {
  name: string
  /** Of `go.mod`, without its first line. */
  requirements: string
  /** Further files of the module by name. */
  files?: Readonly<Record<string, string>>
  /** Path of a `go.sum` to begin with. */
  sums?: string
  linkerFlags?: string
  /** Package by the name of the program; a program that goes into an image has a name in `images/`. */
  programs: Readonly<Record<string, string>>
}

const buildTimeoutMs = 60 * 60_000
const queryTimeoutMs = 10 * 60_000

export const folderOf = ({ builds }: Pick<Settings, 'builds'>, name: string): string => join(builds, name)

/** Go's caches are in the folder of the cluster, so that removing it removes everything. */
export const goEnvironment = ({ cache }: Pick<Settings, 'cache'>): Record<string, string> => ({
  CGO_ENABLED: '0',
  GOCACHE: join(cache, 'go-build'),
  GOMODCACHE: join(cache, 'go-mod'),
  GOWORK: 'off',
})

export async function writeGoModule(settings: Settings, module: Omit<GoModule, 'programs'>): Promise<string> {
  const folder = folderOf(settings, module.name)
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'go.mod'),
    `module growbin.app/cluster/${module.name}\n\n${module.requirements.trim()}\n`,
  )
  for (const [name, text] of Object.entries(module.files ?? {})) await writeFile(join(folder, name), text)
  // Read-only in the module cache, and completed here by every build.
  if (module.sums) {
    await copyFile(module.sums, join(folder, 'go.sum'))
    await runCommand('chmod', ['u+w', join(folder, 'go.sum')], { log: join(settings.logs, 'go.log') })
  }
  return folder
}

export async function buildGoModule(settings: Settings, module: GoModule, log: string): Promise<void> {
  const cwd = await writeGoModule(settings, module)
  for (const [program, source] of Object.entries(module.programs)) {
    const output = join(settings.programs, program)
    await mkdir(dirname(output), { recursive: true })
    const flags = ['-trimpath', '-mod=mod', '-ldflags', module.linkerFlags ?? '-s -w']
    await runCommand('go', ['build', ...flags, '-o', output, source], {
      log,
      cwd,
      environment: goEnvironment(settings),
      timeoutMs: buildTimeoutMs,
    })
  }
}

/**
 * The folder of the module that holds a package, as a module of ours builds it. Asked by package, because the registry has the archive
 * of some modules and refuses to list them.
 */
export async function findModuleFolder(settings: Settings, name: string, source: string, log: string): Promise<string> {
  const folder = await runCommand('go', ['list', '-mod=mod', '-find', '-f', '{{.Module.Dir}}', source], {
    log,
    cwd: folderOf(settings, name),
    environment: goEnvironment(settings),
    timeoutMs: queryTimeoutMs,
  })
  return folder.trim()
}

/** Brings the archive of a module into the cache, and resolves to its folder. */
export async function downloadModule(settings: Settings, module: string, log: string): Promise<string> {
  const answer = await runCommand('go', ['mod', 'download', '-json', module], {
    log,
    cwd: settings.builds,
    environment: { ...goEnvironment(settings), GOFLAGS: '-mod=mod' },
    timeoutMs: queryTimeoutMs,
  })
  return (JSON.parse(answer) as { Dir: string }).Dir
}
