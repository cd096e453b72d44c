/**
 * Where a process may be made to die, told by what it writes to a socket at that step: SQL to PostgreSQL, a request to the model
 * or the broker, an answer to its caller. Nothing of this is in the product. A rule whose words no longer occur never fires, which
 * fails the fault that armed it.
 */
export type FailpointRule = {
  name: string
  /** Function that it is about; `broker` is the process of ingress and dispatchers. */
  service: string
  /** Bytes of one write that mark the step. */
  pattern: string
  /** Must have been written on the same connection earlier. */
  precededBy?: string
  /** With `before`: how many bytes of the write still leave the process. None unless told. */
  leaving?: (bytes: Buffer) => number
  /** Whether the write itself still leaves the process. */
  when: 'before' | 'after'
  delayMs?: number
  /** `kill`: SIGKILL. `block`: nothing else runs in the process for ten seconds. */
  action?: 'kill' | 'block'
}

const savesResult = "set state = 'completed'"

export const failpointRules = [
  { name: 'analyze-before-claim', service: 'waste-ai-analyze', pattern: "set state = 'processing'", when: 'before' },
  { name: 'analyze-before-model', service: 'waste-ai-analyze', pattern: 'POST /v1/responses', when: 'before' },
  {
    name: 'analyze-during-model',
    service: 'waste-ai-analyze',
    pattern: 'POST /v1/responses',
    when: 'after',
    delayMs: 70,
  },
  {
    name: 'analyze-before-commit',
    service: 'waste-ai-analyze',
    pattern: 'commit',
    precededBy: savesResult,
    when: 'before',
  },
  {
    name: 'analyze-after-commit',
    service: 'waste-ai-analyze',
    pattern: 'commit',
    precededBy: savesResult,
    when: 'after',
  },
  {
    name: 'analyze-blocked',
    service: 'waste-ai-analyze',
    pattern: 'POST /v1/responses',
    when: 'after',
    delayMs: 20,
    action: 'block',
  },
  // The rest of the batch is on its way, and nothing of it is marked.
  { name: 'relay-mid-batch', service: 'events-relay', pattern: 'ce-queue: ai', when: 'after', delayMs: 3 },
  { name: 'presign-before-reply', service: 'waste-presign', pattern: 'HTTP/1.1 201', when: 'before' },
  { name: 'upload-complete-before-reply', service: 'waste-upload-complete', pattern: 'HTTP/1.1 202', when: 'before' },
  // The acknowledgement and the publish are frames of one write: the first leaves, the second does not.
  {
    name: 'dispatcher-before-dead-letter',
    service: 'broker',
    pattern: '.dlx.',
    when: 'before',
    leaving: startOfPublish,
  },
] as const satisfies readonly FailpointRule[]

/** AMQP 0-9-1, 2.3.5: type, channel and size are 7 bytes before the class (60) and the method (40) of basic.publish. */
function startOfPublish(bytes: Buffer): number {
  return Math.max(0, bytes.indexOf(Buffer.from([0, 60, 0, 40])) - 7)
}

export type FailpointName = (typeof failpointRules)[number]['name']
