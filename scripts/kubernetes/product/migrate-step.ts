import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { until } from '../../lib/until.ts'
import { insertSamples } from '../../local/platform/parts/sample-points.ts'
import { prepareDatabase } from '../../migration/prepare-database.ts'
import type { Step } from '../run/step.ts'
import { dataNamespace } from './names.ts'

const localPort = 25432
const connectTimeoutMs = 30_000

/** Brings the schemas of all domains up to date and loads the rule base, through a tunnel of kubectl: the database is not open outside. */
export function migrateStep(options: {
  kubectl: string
  kubeconfig: string
  url: (address: string) => Promise<string>
}): Step {
  return {
    name: 'migrations and rule base',
    version: '',
    // Safe to repeat, and short when nothing is new.
    kept: 'never',
    isThere: async () => false,
    run: async () => {
      const args = ['-n', dataNamespace, 'port-forward', 'service/postgresql', `${localPort}:5432`]
      const tunnel = spawn(options.kubectl, args, {
        env: { ...process.env, KUBECONFIG: options.kubeconfig },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      try {
        await until('the tunnel to PostgreSQL', () => answers(localPort), connectTimeoutMs)
        const url = await options.url(`127.0.0.1:${localPort}`)
        await prepareDatabase(url)
        await insertSamples(url)
        return undefined
      } finally {
        tunnel.kill()
      }
    },
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
