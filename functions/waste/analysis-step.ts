import { createUuidV5 } from '../_lib/http/uuid.ts'

/** The parts of an analysis in their order, each a function of its own in the variant `stages`. */
export const analysisSteps = ['prepare_photo', 'identify_item', 'retrieve_rules', 'compose_answer'] as const

export type AnalysisStep = (typeof analysisSteps)[number]

/** Whether one function does an analysis as a whole, or four do a step each. A job keeps the one that it was queued with. */
export const analysisVariants = ['single', 'stages'] as const

export type AnalysisVariant = (typeof analysisVariants)[number]

/** The id of the command for a step of a job. Deterministic, so that a repetition has the same id. */
export const stepEventId = (jobId: string, step: AnalysisStep): string => createUuidV5(jobId, step)
