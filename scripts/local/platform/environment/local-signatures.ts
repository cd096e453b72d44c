import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { eventKeysVariables } from '../../../../functions/_lib/events/event-keys.ts'
import { createEventSignatures, type EventSignatures } from '../../../../functions/_lib/events/event-signature.ts'
import { parseConfig } from '../../../../functions/_lib/process/config.ts'
import { eventKeysOf, type LocalSecrets } from './secrets.ts'

const schema = z.object(eventKeysVariables)

/** Signatures by keys in the form of the variable `EVENT_KEYS`. */
export const signaturesOf = (eventKeys: string): EventSignatures =>
  createEventSignatures(parseConfig(schema, { EVENT_KEYS: eventKeys }).EVENT_KEYS)

/** By the keys as they were given, or by those of the platform on this machine. */
export async function findSignatures(options: {
  given: string | undefined
  dataDirectory: string
}): Promise<EventSignatures> {
  if (options.given) return signaturesOf(options.given)
  const path = join(options.dataDirectory, 'secrets.json')
  const secrets = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as Partial<LocalSecrets>,
    () => undefined,
  )
  if (!secrets?.eventKey) {
    throw new Error(
      `"${path}" holds no key for events: start the platform by ./scripts/start, name its --data, or set EVENT_KEYS`,
    )
  }
  return signaturesOf(eventKeysOf({ eventKey: secrets.eventKey }))
}
