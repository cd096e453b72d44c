import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Files that are committed or would be, relative to the repository, in order. */
export async function listRepositoryFiles(repository: string): Promise<string[]> {
  const { stdout } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: repository,
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  return stdout.split('\0').filter(Boolean).sort()
}
