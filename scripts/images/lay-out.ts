import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot } from '../lib/repository-root.ts'
import { readBaseTree } from './base/base-tree.ts'
import { readNodeTree } from './base/node-tree.ts'
import { bundleImage } from './function/bundle-image.ts'
import { makeCompileCache } from './function/compile-cache.ts'
import { writeTree } from './oci/tree.ts'

// For functions/Dockerfile: node scripts/images/lay-out.ts <name> <folder> writes the files of an image, by layer, to
// <folder>/base, <folder>/node and <folder>/app.
const { positionals } = parseArgs({ allowPositionals: true })
const [name, out] = positionals
if (!name || !out)
  throw new Error('expected the name of an image and a folder: node scripts/images/lay-out.ts <name> <folder>')

const folder = resolve(out)
const root = join(folder, 'root')
const [base, node] = [await readBaseTree(join(folder, 'packages')), await readNodeTree(repositoryRoot)]
await writeTree(base, join(folder, 'base'))
await writeTree(node, join(folder, 'node'))
await writeTree([...base, ...node], root)
const program = await bundleImage(name, { repository: repositoryRoot, outDirectory: join(folder, 'bundles') })
await rename(program.folder, join(root, 'app'))
await makeCompileCache(root)
await mkdir(join(folder, 'app'))
await rename(join(root, 'app'), join(folder, 'app', 'app'))
for (const made of ['root', 'bundles', 'packages']) await rm(join(folder, made), { recursive: true, force: true })
