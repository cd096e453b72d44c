import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { jsonVariable } from '../process/config.ts'

/** Keys for texts that are stored encrypted and read again. `current` seals; every key opens what it has sealed. */
export type SealingKeys = { current: string; keys: Readonly<Record<string, Buffer>> }

export type Sealer = {
  /** Encrypts `text`. `context` is authenticated, such as the id of its owner: `open` with another one throws. */
  seal: (text: string, context: string) => Buffer
  /** Decrypts what `seal` returned for the same `context`. Throws `SealError`. */
  open: (sealed: Buffer, context: string) => string
}

/** The text cannot be opened: its key is missing, it was changed, or its context is another. The message holds none of the text. */
export class SealError extends Error {
  override name = 'SealError'
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** The variable with the keys: `{"current":"2026-11","keys":{"2026-11":"<32 bytes in base64>"}}` */
export const sealingKeysVariable = jsonVariable(
  z
    .strictObject({
      current: z.string(),
      keys: z.record(
        z.string().regex(/^[\w.-]{1,32}$/),
        z
          .base64()
          .transform((text) => Buffer.from(text, 'base64'))
          .refine((key) => key.byteLength === keyBytes, `expected keys of ${keyBytes} bytes in base64`),
      ),
    })
    .refine(({ current, keys }) => keys[current] !== undefined, 'expected "current" to name one of "keys"'),
)

/**
 * A sealer of texts by AES-256-GCM (NIST SP 800-38D). A sealed text is the length and name of its key, nonce, text and tag; the name
 * allows keys to be rotated. Throws when `current` is not among the keys.
 *
 * @example
 * const sealer = createSealer(config.PROVIDER_TOKEN_KEYS)
 * const sealed = sealer.seal(refreshToken, accountId)
 * sealer.open(sealed, accountId)
 */
export function createSealer({ current, keys }: SealingKeys): Sealer {
  const currentKey = keys[current]
  if (!currentKey) throw new Error(`The sealing key "${current}" is not among the keys`)
  return {
    seal: (text, context) => {
      const name = Buffer.from(current)
      const head = Buffer.concat([Buffer.of(name.byteLength), name])
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', currentKey, nonce, { authTagLength: tagBytes })
      cipher.setAAD(aadOf(head, context))
      return Buffer.concat([head, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open: (sealed, context) => {
      const head = sealed.subarray(0, 1 + (sealed[0] ?? 0))
      const body = sealed.subarray(head.byteLength)
      if (body.byteLength < nonceBytes + tagBytes) throw new SealError('A sealed text is too short')
      const name = head.subarray(1).toString()
      const key = Object.hasOwn(keys, name) ? keys[name] : undefined
      if (!key) throw new SealError('A sealed text names a key that is not there')
      const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes), { authTagLength: tagBytes })
      decipher.setAAD(aadOf(head, context))
      decipher.setAuthTag(body.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString()
      } catch {
        throw new SealError('A sealed text was changed, or belongs elsewhere')
      }
    },
  }
}

const aadOf = (head: Buffer, context: string) => Buffer.concat([head, Buffer.from(context)])
