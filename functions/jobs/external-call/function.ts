import { apiAccountDeleteV1 } from '../../_contracts/events/api-account-delete.v1.ts'
import { apiAddressFindV1 } from '../../_contracts/events/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from '../../_contracts/events/api-coordinates-find.v1.ts'
import { apiProfileSyncV1 } from '../../_contracts/events/api-profile-sync.v1.ts'
import { apiProviderUnlinkV1 } from '../../_contracts/events/api-provider-unlink.v1.ts'
import { externalCall } from '../../_contracts/external-call.ts'
import { eventKeys } from '../../_lib/events/event-keys.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { databases, objectStore } from '../../_lib/variables/groups.ts'
import { providerVariables } from '../../auth/tasks/providers/provider-variables.ts'
import { kakaoLocal } from '../../locations/tasks/kakao-variables.ts'

export default defineFunction({
  ...externalCall,
  node: 'application',
  trigger: { queue: 'api', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 15 },
  handles: [apiAccountDeleteV1, apiAddressFindV1, apiCoordinatesFindV1, apiProfileSyncV1, apiProviderUnlinkV1],
  scale: { min: 0, max: 2, concurrency: 4 },
  resources: { cpuMillis: 50, memoryMiB: 160 },
  variables: {
    ...eventKeys(),
    ...objectStore(),
    ...providerVariables(),
    ...kakaoLocal(),
    // The events domain for dead letters and the shared state of outbound services; the others for the tasks that run here.
    ...databases({
      DATABASE_URL: { domain: 'events', connectionsMax: 2 },
      AUTH_DATABASE_URL: { domain: 'auth', connectionsMax: 1 },
      LOCATIONS_DATABASE_URL: { domain: 'locations', connectionsMax: 1 },
      USERS_DATABASE_URL: { domain: 'users', connectionsMax: 1 },
      WASTE_DATABASE_URL: { domain: 'waste', connectionsMax: 1 },
    }),
  },
})
