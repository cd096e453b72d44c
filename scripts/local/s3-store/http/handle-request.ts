import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { createFaults } from '../faults.ts'
import { authenticate, type Credentials } from '../signing/authenticate.ts'
import { createPayload } from '../signing/payload.ts'
import type { OperationDeps } from './operation.ts'
import { parseRequest } from './parse-request.ts'
import { findRoute, getOperation } from './route.ts'
import { S3Error } from './s3-error.ts'
import { sendError, sendResult } from './send-result.ts'

export type RequestHandlerOptions = {
  credentials: Credentials
  faults: ReturnType<typeof createFaults>
  newId: () => string
  onInternalError: (error: unknown) => void
  closingSignal: AbortSignal
}

// A refused upload is read up to this limit, so that its client receives the response instead of a reset.
const refusedBodySizeBytesMax = 16 * 1024 * 1024

const emptySha256 = createHash('sha256').digest('hex')

/** Checks the signed hash of an empty body; a body that is present is checked while it is read. */
function checkEmptyPayloadHash({ headers }: IncomingMessage, payloadHash: string): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  if (hasBody || !/^[0-9a-f]{64}$/.test(payloadHash) || payloadHash === emptySha256) return
  throw new S3Error(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  )
}

function discardBody(message: IncomingMessage): void {
  let discardedBytes = 0
  message.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length
    if (discardedBytes > refusedBodySizeBytesMax) message.destroy()
  })
  message.on('error', () => {})
  message.resume()
}

export function createRequestHandler(deps: OperationDeps, options: RequestHandlerOptions) {
  const { credentials, faults, newId, onInternalError, closingSignal } = options
  const inFlight = new Set<Promise<void>>()
  const abandoned = new WeakMap<Duplex, AbortController>()

  async function perform(message: IncomingMessage, response: ServerResponse, signal: AbortSignal) {
    const request = parseRequest(message)
    const route = findRoute(request)
    await faults.apply(route.name, AbortSignal.any([signal, closingSignal]))
    const payloadHash = authenticate({ region: deps.region, credentials, now: deps.now }, request)
    const operation = getOperation(route, request)
    checkEmptyPayloadHash(message, payloadHash)
    const readPayload = () => {
      const payload = createPayload(
        request.effectiveHeaders,
        payloadHash,
        // Left open on failure: destroying the message would close the connection before the response.
        message.iterator({ destroyOnReturn: false }),
      )
      if (request.headers.has('expect')) response.writeContinue()
      return payload
    }
    const { bucketName, key } = route
    return operation.run(deps, { request, bucketName, key, readPayload, signal })
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newId()
    const abandonment = new AbortController()
    abandoned.set(message.socket, abandonment)
    response.setHeader('x-amz-request-id', requestId)
    response.setHeader('date', deps.now().toUTCString())
    try {
      await sendResult(response, await perform(message, response, abandonment.signal))
    } catch (error) {
      const isGone = message.socket.destroyed || closingSignal.aborted || abandonment.signal.aborted
      if (!isGone && !(error instanceof S3Error)) onInternalError(error)
      if (response.headersSent || isGone) {
        response.destroy()
        return
      }
      // A client that waits for "100 Continue" and is refused may never send its body, so the connection cannot be reused.
      if (!message.complete && message.headers.expect) response.setHeader('connection', 'close')
      const resource = (message.url ?? '').split('?')[0] ?? ''
      sendError(response, error, { method: message.method, resource, requestId })
      if (!message.complete) discardBody(message)
    }
  }

  return {
    handle: (message: IncomingMessage, response: ServerResponse): void => {
      const work = answer(message, response).catch(onInternalError)
      inFlight.add(work)
      void work.finally(() => inFlight.delete(work))
    },

    /** Aborts a request when excess bytes follow its body, so that it has no effect. */
    abandon: (socket: Duplex): void => abandoned.get(socket)?.abort(new Error('The connection carried excess bytes')),

    /** Resolves when no request is in progress. */
    settle: async (): Promise<void> => {
      await Promise.allSettled(inFlight)
    },
  }
}
