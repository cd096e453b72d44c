/**
 * A step at which a process can be killed, identified by what the process writes to a socket: SQL to PostgreSQL, a request to
 * the model or the broker, an answer to its caller. The product contains none of this. A rule whose pattern no longer occurs
 * never fires, which fails the fault that armed it.
 */
export type FailpointRule = {
  /** Several rules may share a name, which then stands for the first of their steps that a process reaches. */
  name: string
  /** The function; `broker` is the process of ingress and dispatchers. */
  service: string
  /** Bytes of one write that mark the step. */
  pattern: string
  /** Must have been written on the same connection before. */
  precededBy?: string
  /** With `before`: how many bytes of the write still leave the process. None by default. */
  leaving?: (bytes: Buffer) => number
  /** Whether the write itself still leaves the process. */
  when: 'before' | 'after'
  delayMs?: number
  /** `kill`: SIGKILL. `exhaust`: the process allocates memory until it dies of its limit. `block`: the event loop is blocked for `blockMs`. */
  action?: 'kill' | 'block' | 'exhaust'
}

/** How long the event loop of a process is blocked. */
export const blockMs = 10_000

const savesResult = "set state = 'completed'"
const finishesStep = 'update waste.jobs set step ='
const callsModel = 'POST /v1/responses'

/** The steps of a worker: it claims a job, and commits its effect. */
const workRules = <Name extends string>(name: Name, service: string, savesWork: string) =>
  [
    { name: `${name}-before-claim`, service, pattern: "set state = 'processing'", when: 'before' },
    { name: `${name}-before-commit`, service, pattern: 'commit', precededBy: savesWork, when: 'before' },
    { name: `${name}-after-commit`, service, pattern: 'commit', precededBy: savesWork, when: 'after' },
    { name: `${name}-out-of-memory`, service, pattern: "set state = 'processing'", when: 'after', action: 'exhaust' },
  ] as const

const modelRules = <Name extends string>(name: Name, service: string) =>
  [
    { name: `${name}-before-model`, service, pattern: callsModel, when: 'before' },
    { name: `${name}-during-model`, service, pattern: callsModel, when: 'after', delayMs: 70 },
    // The function that calls the model, in either variant.
    { name: 'analyze-blocked', service, pattern: callsModel, when: 'after', delayMs: 20, action: 'block' },
  ] as const

/** The effect is committed, and the command of the next step is lost with the answer that holds it. */
const replyRule = <Name extends string>(name: Name, service: string) =>
  ({ name: `${name}-before-reply`, service, pattern: 'HTTP/1.1 200', when: 'before' }) as const

export const failpointRules = [
  ...workRules('analyze', 'waste-ai-analyze', savesResult),
  ...modelRules('analyze', 'waste-ai-analyze'),
  ...workRules('prepare', 'waste-prepare-photo', finishesStep),
  replyRule('prepare', 'waste-prepare-photo'),
  ...workRules('identify', 'waste-identify-item', finishesStep),
  ...modelRules('identify', 'waste-identify-item'),
  replyRule('identify', 'waste-identify-item'),
  ...workRules('retrieve', 'waste-retrieve-rules', finishesStep),
  replyRule('retrieve', 'waste-retrieve-rules'),
  ...workRules('compose', 'waste-compose-answer', savesResult),
  // The rest of the batch is in flight, and no event of it is marked as sent.
  { name: 'relay-mid-batch', service: 'events-relay', pattern: 'ce-queue: ai', when: 'after', delayMs: 3 },
  { name: 'relay-mid-batch', service: 'events-relay', pattern: 'ce-queue: image_upload', when: 'after', delayMs: 3 },
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
