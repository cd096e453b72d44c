import { apiAccountDeleteV1 } from '../../_contracts/api-account-delete.v1.ts'
import { createEventApp, type EventAppOptions, onEvent } from '../../_lib/event-app.ts'
import type { HttpApp } from '../../_lib/http-app.ts'

export type HandlerOptions = Omit<EventAppOptions, 'routes'> & {
  deleteAccount: (deletionId: string) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp({
    ...options,
    routes: [onEvent(apiAccountDeleteV1, (_event, { deletion_id: deletionId }) => options.deleteAccount(deletionId))],
  })
}
