import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { components, versionOf } from '../../lib/component-versions.ts'
import type { SecretManifest } from './render-secrets.ts'

const deadlineMs = 30_000

/**
 * Seals a Secret by kubeseal for the holder of the private key of `certificate`. The Secret goes through a pipe: its values are on no
 * command line and in no file. The result is bound to its name and namespace.
 */
export function createKubeseal(certificate: string, program = 'kubeseal') {
  return async (secret: SecretManifest): Promise<string> => {
    const child = spawn(program, ['--cert', certificate, '--format', 'yaml', '--scope', 'strict'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: deadlineMs,
    })
    // A program that ends before it has read its input; its exit code says so.
    child.stdin.on('error', () => undefined)
    child.stdin.end(JSON.stringify(secret))
    try {
      const [output, complaint, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ])
      if (code === 0) return output
      throw new Error(`kubeseal refused "${secret.metadata.name}" (exit code ${code}): ${complaint.trim()}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      const source = components.kubeseal.source.replace('{version}', versionOf('kubeseal'))
      throw new Error(`There is no "${program}" on the PATH; install it by "go install ${source}"`)
    }
  }
}
