import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../../lib/format-table.ts'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { loadSpecs } from '../../manifests/load-specs.ts'
import { generateSecrets, listSecrets, rotateSecret, type SecretCommandDeps, sealSecrets } from './commands.ts'
import { createKubeseal } from './kubeseal.ts'
import { createValueCheck } from './render-secrets.ts'
import { openSecretStore } from './store.ts'

const usage = `Usage: ./scripts/secrets COMMAND [options]

  list                what there is, where each value comes from, and how it is rotated
  generate            make every value that is missing, and say what a person has to give
  seal [NAME...]      encrypt all Secrets, or those named, for the cluster, and write them to charts/sealed/CLUSTER
  rotate NAME         take the next step of a rotation: the first adds a value, the second uses it

No command prints a value. Values are in .local/secrets/CLUSTER, which git ignores, one file each with mode 0600: keep a
copy where the team keeps its passwords. Sealed files can be committed; only the cluster can open them.

Options
  --cluster NAME      four-node, nine-node or one-machine (four-node)
  --certificate FILE  of the cluster's controller (charts/sealed/CLUSTER/certificate.pem); fetch it by
                      kubeseal --fetch-cert
  --values FOLDER     where the values are (.local/secrets/CLUSTER)
  --help              this text

Exit codes: 0 done, 1 refused or failed, 2 wrong usage`

class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  if (values.help) return console.log(usage)
  const [command, ...names] = positionals
  const cluster = values.cluster ?? 'four-node'
  if (!/^[a-z0-9-]+$/.test(cluster)) throw new UsageError(`"${cluster}" is no name of a cluster`)
  const sealed = join(repositoryRoot, 'charts/sealed', cluster)
  const certificate = values.certificate ?? join(sealed, 'certificate.pem')
  const deps: SecretCommandDeps = {
    store: openSecretStore(values.values ?? join(repositoryRoot, '.local/secrets', cluster)),
    check: createValueCheck(await loadSpecs(repositoryRoot)),
    seal: createKubeseal(certificate),
    now: () => new Date(),
  }
  switch (command) {
    case 'list': {
      const rows = listSecrets().map((row) => Object.values(row))
      return console.log(formatTable(['What', 'Namespaces', 'Keys', 'Made from', 'Rotated'], rows))
    }
    case 'generate': {
      const { made, missing } = await generateSecrets(deps)
      console.log(made.length === 0 ? 'All values were there.' : `Made: ${made.join(', ')}`)
      if (missing.length > 0) console.log(['Still to be written by a person:', ...missing].join('\n  '))
      return
    }
    case 'seal': {
      if (!existsSync(certificate)) throw new UsageError(`There is no "${certificate}"; see --certificate`)
      const paths = await sealSecrets(sealed, names, deps)
      return console.log(`Wrote ${paths.length} files to ${sealed}`)
    }
    case 'rotate': {
      const [name, ...more] = names
      if (!name || more.length > 0) throw new UsageError('"rotate" needs one NAME; "list" has them under "Made from"')
      const { step, affected } = await rotateSecret(name, deps)
      const next = `./scripts/secrets seal --cluster ${cluster} ${affected.join(' ')}`
      return console.log(
        step === 'prepared'
          ? `A next value is accepted and not used yet. Run "${next}", apply it, roll the readers out, then rotate again.`
          : `The next value is used, and the earlier one is still accepted. Run "${next}", apply it, and roll the readers out.`,
      )
    }
    default:
      throw new UsageError(command ? `There is no command "${command}"` : 'A command is missing')
  }
}

function readArguments() {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      allowPositionals: true,
      options: { cluster: text, certificate: text, values: text, help: { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

main().catch((error: Error) => {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
