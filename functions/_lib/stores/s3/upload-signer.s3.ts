import { createHash, createHmac } from 'node:crypto'
import type { S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import type { ObjectStoreOptions } from './s3-opener.s3.ts'

export type Upload = {
  key: string
  contentType: string
  contentLengthBytes: number
  /** SHA-256 of the bytes in hex; the store then refuses other bytes. */
  sha256?: string
  expiresSeconds: number
}

/** Resolves to a presigned URL for one PUT of exactly this length, type and content, and the headers that the client must send. */
export type SignUpload = (upload: Upload) => Promise<{ url: string; headers: Record<string, string> }>

/**
 * A signer of uploads that makes no request and loads no S3 client, which would take 32 MiB and twice the time to start. It signs with
 * `credentials`, or with those of the node's role, and throws when the SDK finds none.
 */
export function createUploadSigner(options: ObjectStoreOptions): SignUpload {
  let opening: Promise<S3RequestPresigner> | undefined
  const address = addressOf(options)

  const open = async () => {
    const { S3RequestPresigner: Presigner } = await import('@aws-sdk/s3-request-presigner')
    const credentials = options.credentials ?? (await import('@aws-sdk/credential-provider-node')).defaultProvider()
    return new Presigner({ region: options.region, credentials, sha256: Sha256 })
  }

  return async (upload) => {
    opening ??= open()
    const checksum = upload.sha256 && Buffer.from(upload.sha256, 'hex').toString('base64')
    const headers = {
      'content-type': upload.contentType,
      'content-length': String(upload.contentLengthBytes),
      ...(checksum && { 'x-amz-checksum-sha256': checksum }),
    }
    const { protocol, hostname, port } = address
    const request = { protocol, hostname, ...(port && { port }), method: 'PUT', headers: { ...headers }, query: {} }
    const path = `${address.pathPrefix}/${upload.key.split('/').map(encodeURIComponent).join('/')}`
    // A presigned PUT has no conditions, so length, type and checksum are signed as headers: S3 refuses an upload that differs.
    const signed = await (await opening).presign(
      { ...request, path },
      {
        expiresIn: upload.expiresSeconds,
        signableHeaders: new Set(['content-type']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      },
    )
    const query = new URLSearchParams(signed.query as Record<string, string>)
    return { url: `${protocol}//${hostname}${port ? `:${port}` : ''}${path}?${query}`, headers }
  }
}

/** AWS is addressed by the name of the bucket; another store by path, since it has no wildcard DNS. */
function addressOf({ bucket, region, endpoint }: ObjectStoreOptions) {
  if (endpoint === undefined) {
    return { protocol: 'https:', hostname: `${bucket}.s3.${region}.amazonaws.com`, port: undefined, pathPrefix: '' }
  }
  const { protocol, hostname, port } = new URL(endpoint)
  return { protocol, hostname, port: port === '' ? undefined : Number(port), pathPrefix: `/${bucket}` }
}

/** The hash that the signer of the SDK expects; it calls `new`, so this must be a class. */
class Sha256 {
  readonly #hash

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }

  update(chunk: string | Uint8Array): void {
    this.#hash.update(chunk)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {}
}

function toBytes(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret)
}
