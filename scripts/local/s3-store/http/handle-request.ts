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

// A refused upload is read on so far that its sender gets to read the answer, instead of a reset.
const refusedBodySizeBytesMax = 16 * 1024 * 1024

const emptySha256 = createHash('sha256').digest('hex')

/** A body that is there is checked as it is read; one that is not there has a hash too. */
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
        // Left open on failure: destroying the message would close the connection before it is answered.
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
      // A sender that waits for "100 Continue" and gets a refusal may never send its body, so the connection is spent.
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

    /** Keeps a request from taking effect when more bytes than its own turn up behind it. */
    abandon: (socket: Duplex): void => abandoned.get(socket)?.abort(new Error('The connection carried excess bytes')),

    /** Resolves when no request is being worked on any more. */
    settle: async (): Promise<void> => {
      await Promise.allSettled(inFlight)
    },
  }
}
