import { createHttpApp, type HttpApp, type HttpAppOptions } from '../../_lib/http-app.ts'

export type HandlerOptions = HttpAppOptions & {
  deadLetter: (input: { headers: Headers; body: Uint8Array }) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createHttpApp({ ...options, bodyBytesMax: 1_048_576 })
  app.post('/', async (c) => {
    try {
      await options.deadLetter({ headers: c.req.raw.headers, body: new Uint8Array(await c.req.arrayBuffer()) })
      options.metrics.count('dead_letters_total')
      return c.body(null, 204)
    } catch (error) {
      options.log.error('A dead letter could not be archived now', { error })
      return c.body(null, 503, { 'retry-after': '1' })
    }
  })
  return app
}
