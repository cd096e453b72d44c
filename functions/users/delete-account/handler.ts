import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { currentContext } from '../../_lib/events/trace.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import type { DeleteAccountInput } from './delete-account.ts'
import spec from './function.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  deleteAccount: (input: DeleteAccountInput) => Promise<{ deletionId: string }>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  app.delete('/api/v1/users/account', async (c) => {
    const { deletionId } = await options.deleteAccount({
      ...c.var.person,
      traceparent: currentContext()?.traceparent ?? '',
    })
    options.log.info('The deletion of an account was requested', { deletion_id: deletionId })
    return c.json({ deletion_id: deletionId }, 202)
  })
  return app
}
