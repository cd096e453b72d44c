import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../lib/format-table.ts'
import { repositoryRoot } from '../lib/repository-root.ts'
import { buildImages, mib } from './build-images.ts'
import { findImageNames } from './function/bundle-image.ts'

const usage = `node scripts/images/build.ts [--only <name> ...] [--tag <tag>] [--output <folder>] [--each] [--json]

Builds the images of all functions, and of the program that prepares the database, without a container engine and without a registry, as an archive that
"ctr images import" and "skopeo copy oci-archive:" read. Needs Debian or Ubuntu on amd64 with apt and dpkg-deb.

  --only     only these images; may be given more than once. Default: all
  --tag      of every image. Default: local
  --output   default: .local/images
  --each     an archive for each image, <name>.tar, instead of images.tar with all of them
  --json     prints the images as JSON; they are always written to images.json in the output folder`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    tag: { type: 'string', default: 'local' },
    output: { type: 'string', default: join(repositoryRoot, '.local', 'images') },
    each: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(usage)
} else {
  const output = resolve(values.output)
  const images = await buildImages({
    repository: repositoryRoot,
    names: values.only ?? (await findImageNames(repositoryRoot)),
    tag: values.tag,
    output,
    each: values.each,
    report: (line) => console.error(line),
  })
  await writeFile(join(output, 'images.json'), `${JSON.stringify(images, undefined, 2)}\n`)
  if (values.json) console.log(JSON.stringify(images))
  else {
    console.log(
      formatTable(
        ['image', 'digest', 'function', 'above the base', 'seconds'],
        images.map(({ name, digest, bytes, ms }) => [
          name,
          digest.slice(0, 'sha256:'.length + 12),
          mib(bytes.function),
          mib(bytes.node + bytes.function),
          (ms / 1000).toFixed(1),
        ]),
      ),
    )
    console.log(`Archive: ${[...new Set(images.map(({ archive }) => archive))].join(' ')}`)
  }
}
