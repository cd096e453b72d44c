import { type JsonCloudEvent, toBinaryMessage } from '../events/cloud-event.ts'
import type { SignEvent } from '../events/event-signature.ts'
import { UnavailableError } from '../http/errors.ts'
import { retry } from '../outbound/retry.ts'

/** The broker will never accept this event, because it is malformed or too large. */
export class UnpublishableEventError extends Error {
  override name = 'UnpublishableEventError'
}

/** Resolves when the broker has confirmed the event. Throws `UnavailableError` or `UnpublishableEventError`. */
export type PublishEvent = (event: JsonCloudEvent) => Promise<void>

export type PublisherOptions = {
  brokerUrl: string
  /** Signs an event when it is sent, since the signing key may change while it waits in the outbox. */
  sign: SignEvent
  timeoutMs?: number
  maxAttempts?: number
  fetch?: typeof fetch
}

/**
 * A publisher that posts events to the ingress of a broker in the binary mode, signed by `sign`. It makes up to `maxAttempts` attempts (2 by
 * default) of `timeoutMs` milliseconds (1500) each. It throws `UnpublishableEventError` when the broker answers 400 or 413, and
 * `UnavailableError` when no attempt succeeds.
 */
export function createPublisher(options: PublisherOptions): PublishEvent {
  const send = options.fetch ?? fetch
  return async (event) => {
    const { headers, body } = toBinaryMessage(options.sign(event))
    const traceparent = event.extensions.traceparent
    await retry(
      async (signal) => {
        const response = await send(options.brokerUrl, {
          method: 'POST',
          headers: { ...headers, ...(traceparent && { traceparent }) },
          body,
          signal,
          redirect: 'error',
        }).catch((error: unknown) => {
          throw new UnavailableError('broker', 'The broker did not answer', { cause: error })
        })
        await response.body?.cancel()
        if (response.status === 400 || response.status === 413) {
          throw new UnpublishableEventError(`The broker refused the event with ${response.status}`)
        }
        if (!response.ok) throw new UnavailableError('broker', `The broker answered ${response.status}`)
      },
      {
        maxAttempts: options.maxAttempts ?? 2,
        timeoutMs: options.timeoutMs ?? 1_500,
        backoffMs: 50,
        shouldRetry: (error) => error instanceof UnavailableError,
      },
    )
  }
}
