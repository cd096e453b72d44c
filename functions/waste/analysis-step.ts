import { createHash } from 'node:crypto'

/** The parts of an analysis in their order, each a function of its own in the variant `stages`. */
export const analysisSteps = ['prepare_photo', 'identify_item', 'retrieve_rules', 'compose_answer'] as const

export type AnalysisStep = (typeof analysisSteps)[number]

/** Whether one function does an analysis as a whole, or four do a step each. A job keeps the one that it was queued with. */
export const analysisVariants = ['single', 'stages'] as const

export type AnalysisVariant = (typeof analysisVariants)[number]

/** The id of the event that orders a step of a job, the same however often it is made: a UUIDv5 (RFC 9562, 5.5) of both. */
export function stepEventId(jobId: string, step: AnalysisStep): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(jobId.replaceAll('-', ''), 'hex'))
    .update(step)
    .digest()
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
