import { type Descriptor, putJson } from './blob.ts'
import type { Layer } from './layer.ts'

export type ImageOptions = {
  layers: readonly Layer[]
  config: ImageConfig
  /** Of the manifest: what a registry shows about the image. */
  annotations: Record<string, string>
}

/** As of the image specification of OCI 1.1. */
export type ImageConfig = {
  User: string
  Env: readonly string[]
  Entrypoint: readonly string[]
  Cmd: readonly string[]
  WorkingDir: string
  ExposedPorts?: Record<string, object>
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** Writes configuration and manifest of an image to the layout; the layers are there. Resolves to the descriptor of the manifest. */
export async function putImage({ layers, config, annotations }: ImageOptions, layout: string): Promise<Descriptor> {
  const configuration = await putJson(
    {
      created: new Date(0).toISOString(),
      architecture: 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    },
    'application/vnd.oci.image.config.v1+json',
    layout,
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: configuration,
    layers: layers.map(({ digest, bytes }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size: bytes,
    })),
    annotations,
  }
  return putJson(manifest, manifestType, layout)
}
