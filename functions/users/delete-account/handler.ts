import type { VerifyAccessToken } from '../../_lib/access-token.ts'
import { authenticate } from '../../_lib/authenticate.ts'
import { createHttpApp, type HttpApp, type HttpAppOptions } from '../../_lib/http-app.ts'
import { currentContext } from '../../_lib/trace.ts'
import type { DeleteAccountInput } from './delete-account.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  deleteAccount: (input: DeleteAccountInput) => Promise<{ deletionId: string }>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createHttpApp(options)
  app.delete('/api/v1/users/account', authenticate(options.verifyAccessToken), async (c) => {
    const { deletionId } = await options.deleteAccount({
      ...c.var.person,
      traceparent: currentContext()?.traceparent ?? '',
    })
    options.log.info('The deletion of an account was ordered', { deletion_id: deletionId })
    return c.json({ deletion_id: deletionId }, 202)
  })
  return app
}
