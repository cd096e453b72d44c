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
  { name: 'dispatcher-before-dead-letter', service: 'broker', pattern: '.dlx.', when: 'before' },
] as const satisfies readonly FailpointRule[]

export type FailpointName = (typeof failpointRules)[number]['name']
