import { apiAddressFindV1 } from './events/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from './events/api-coordinates-find.v1.ts'
import { apiProviderUnlinkV1 } from './events/api-provider-unlink.v1.ts'

/**
 * The publisher of the commands that repeat an outbound call: its name in their `source`, and what it may publish. The function is made
 * of the tasks of domains, so these take its description for `eventsOf` from here.
 */
export const externalCall = {
  name: 'jobs-external-call',
  publishes: [apiAddressFindV1, apiCoordinatesFindV1, apiProviderUnlinkV1],
} as const
