import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { imageRepository } from '../manifests/render/service.ts'
import { basePackages, readBaseTree } from './base/base-tree.ts'
import { readNodeTree } from './base/node-tree.ts'
import { bundleImage } from './function/bundle-image.ts'
import { makeCompileCache } from './function/compile-cache.ts'
import { indexOf, writeArchive } from './oci/archive.ts'
import type { Descriptor } from './oci/blob.ts'
import { putImage } from './oci/image.ts'
import { type Layer, packLayer } from './oci/layer.ts'
import { readTree, writeTree } from './oci/tree.ts'
import { configOf } from './recipe.ts'
import { writeBom } from './sbom/image-bom.ts'
import { readLockedPackages } from './sbom/package-inputs.ts'

export type ImagesOptions = {
  repository: string
  /** Names of functions, or `growbin-migrate`. */
  names: readonly string[]
  tag: string
  /** Gets the layout `oci`, the archives, and the packages of the base, which are kept for the next build. */
  output: string
  /** An archive for each image instead of one for all. */
  each: boolean
  report: (line: string) => void
}

export type BuiltImage = {
  name: string
  reference: string
  /** Of the manifest. */
  digest: string
  /** All compressed: the two layers that every image shares, and the layer of its own. */
  bytes: { base: number; node: number; function: number }
  archive: string
  ms: number
}

const sourceUrl = 'https://github.com/growbin/growbin'

/** Builds images without an engine and without a registry. The same sources give the same digests. */
export async function buildImages(options: ImagesOptions): Promise<BuiltImage[]> {
  const { repository, names, output, report } = options
  const layout = join(output, 'oci')
  await mkdir(join(output, 'sbom'), { recursive: true })
  const work = await mkdtemp(join(output, 'work-'))
  try {
    const shared = await prepareShared(options, { layout, root: join(work, 'root') })
    report(`base ${mib(shared.base.bytes)}, Node.js ${mib(shared.node.bytes)}, compressed`)
    const built: (BuiltImage & { manifest: Descriptor })[] = []
    for (const [index, name] of names.entries()) {
      const startedMs = performance.now()
      const { layer, mainFile, port, inputs } = await packProgram(name, { repository, work, layout })
      const manifest = await putImage(
        {
          layers: [shared.base, shared.node, layer],
          config: configOf(mainFile, port),
          annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.source': sourceUrl },
        },
        layout,
      )
      await writeFile(
        join(output, 'sbom', `${name}.cdx.json`),
        writeBom({
          ...{ name, digest: manifest.digest, nodeVersion: process.versions.node, basePackages },
          packages: await readLockedPackages(repository, inputs),
        }),
      )
      const ms = Math.round(performance.now() - startedMs)
      report(`${index + 1}/${names.length} ${name} ${mib(layer.bytes)} in ${(ms / 1000).toFixed(1)} s`)
      built.push({
        name,
        reference: `${imageRepository}/${name}:${options.tag}`,
        digest: manifest.digest,
        bytes: { base: shared.base.bytes, node: shared.node.bytes, function: layer.bytes },
        archive: join(output, options.each ? `${name}.tar` : 'images.tar'),
        ms,
        manifest,
      })
    }
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
    await writeFile(join(layout, 'index.json'), JSON.stringify(indexOf(built)))
    for (const path of new Set(built.map(({ archive }) => archive))) {
      await writeArchive(
        built.filter(({ archive }) => archive === path),
        { layout, path },
      )
    }
    return built.map(({ manifest: _, ...image }) => image)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Packs the layers that all images share, and lays them out as the root in which compile caches are made. */
async function prepareShared(
  { output, repository }: ImagesOptions,
  { layout, root }: { layout: string; root: string },
): Promise<{ base: Layer; node: Layer }> {
  const [base, node] = [await readBaseTree(join(output, 'packages')), await readNodeTree(repository)]
  await writeTree([...base, ...node], root)
  return { base: await packLayer(base, layout), node: await packLayer(node, layout) }
}

async function packProgram(
  name: string,
  { repository, work, layout }: { repository: string; work: string; layout: string },
) {
  const root = join(work, 'root')
  const app = join(root, 'app')
  const program = await bundleImage(name, { repository, outDirectory: join(work, 'bundles') })
  await rename(program.folder, app)
  try {
    await makeCompileCache(root)
    return { ...program, layer: await packLayer(await readTree(app, 'app'), layout) }
  } finally {
    await rm(app, { recursive: true, force: true })
  }
}

export const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`
