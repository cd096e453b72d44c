import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventKeys as eventKeysVariables } from '../../../../functions/_lib/events/event-keys.ts'
import { createEventSignatures, type EventSignatures } from '../../../../functions/_lib/events/event-signature.ts'
import { readConfig } from '../../../../functions/_lib/variables/variable.ts'
import { eventKeysOf, type LocalSecrets } from './secrets.ts'

/** Signatures by keys in the form of the variable `EVENT_KEYS`. */
export const signaturesOf = (eventKeys: string): EventSignatures =>
  createEventSignatures(readConfig(eventKeysVariables(), { EVENT_KEYS: eventKeys }).EVENT_KEYS)

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
