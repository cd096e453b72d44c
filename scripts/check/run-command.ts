import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Runs a tool of this repository; what it printed is the problem when it fails. */
export function runCommand(repository: string, command: string, ...parameters: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(repository, 'node_modules/.bin', command), parameters, {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString().trim()
      resolve(code === 0 ? [] : [output || `"${command}" ended with ${signal ?? `code ${code}`} and said nothing`])
    })
  })
}
