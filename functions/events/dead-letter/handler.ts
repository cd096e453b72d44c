import { readUpTo } from '../../_lib/events/event-app.ts'
import { createHttpApp, type HttpApp, type HttpAppOptions } from '../../_lib/http/http-app.ts'

export type HandlerOptions = HttpAppOptions & {
  deadLetter: (input: { headers: Headers; body: Uint8Array }) => Promise<void>
}

const keptBytesMax = 65_536

/** Creates the app, which accepts a body of any size: a refused dead letter is lost, and RabbitMQ holds no message over 16 MiB. */
export function createHandler(options: HandlerOptions): HttpApp {
  const app = createHttpApp({ ...options, bodyBytesMax: Number.POSITIVE_INFINITY })
  app.post('/', async (c) => {
    try {
      const { body } = await readUpTo(c.req.raw.body, keptBytesMax)
      await options.deadLetter({ headers: c.req.raw.headers, body })
      options.metrics.count('dead_letters_total')
      return c.body(null, 204)
    } catch (error) {
      options.log.error('A dead letter could not be archived', { error })
      return c.body(null, 503, { 'retry-after': '1' })
    }
  })
  return app
}
