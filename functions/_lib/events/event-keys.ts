import { createSecretKey, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { jsonVariable } from '../process/config.ts'
import { variable } from '../variables/variable.ts'

/**
 * Keys that events are signed with. `current` names the key that signs; a signature of any of `keys` is valid for every function. A key
 * of `producers` belongs to a program outside of this repository, and is valid only for the sources and types that it lists.
 */
export type EventKeys = {
  current: string
  keys: Readonly<Record<string, KeyObject>>
  producers: Readonly<Record<string, ProducerKey>>
}

export type ProducerKey = { key: KeyObject; sources: readonly string[]; types: readonly string[] }

const keyBytesMin = 32
// 32 random bytes have about 30 different values; a placeholder, such as zeros or a repeated word, has few.
const differentBytesMin = 16

const keyId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

const keySchema = z
  .base64()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.byteLength >= keyBytesMin, `expected keys of ${keyBytesMin} bytes or more in base64`)
  .refine((key) => new Set(key).size >= differentBytesMin, 'expected keys of random bytes, found a placeholder')
  .transform((key) => createSecretKey(key))

/** `{"current":"2026-11","keys":{"2026-11":"<32 bytes in base64>"},"producers":{"office-1":{"key":…,"sources":[…],"types":[…]}}}` */
const eventKeysVariable = jsonVariable(
  z
    .strictObject({
      current: keyId,
      keys: z.record(keyId, keySchema),
      producers: z
        .record(
          keyId,
          z.strictObject({
            key: keySchema,
            sources: z.array(z.string().min(1)).min(1),
            types: z.array(z.string().min(1)).min(1),
          }),
        )
        .default({}),
    })
    .refine(({ current, keys }) => Object.hasOwn(keys, current), 'expected "current" to name one of "keys"')
    .refine(
      ({ keys, producers }) => Object.keys(producers).every((id) => !Object.hasOwn(keys, id)),
      'expected no name in both "keys" and "producers"',
    ),
)

/** The variable with the keys, for every function that sends or receives events. */
export const eventKeys = () => ({
  /** Keys that events are signed and verified with. There is no default, so a function without it does not start. */
  EVENT_KEYS: variable(eventKeysVariable, { secret: 'event-keys', key: 'keys.json' }),
})
