export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const

/** How long a model reasons before it answers, least first. No model supports all of them. */
export type Effort = (typeof efforts)[number]

export type VisionModel = {
  /** A prefix of model names. The longest that matches counts. */
  family: string
  /** The least effort that it supports; undefined when it refuses the field. */
  leastEffort: Effort | undefined
  /** The limit of output tokens, reasoning included, in the first call for a photo. Only used tokens cost. */
  outputTokensMax: number
  /** US dollars for a million tokens; undefined when unknown. */
  price?: { input: number; cachedInput: number; cacheWrite: number; output: number }
  /** The provider stops serving it on this day. */
  shutDownOn?: string
}

export const defaultVisionModel = 'gpt-6-luna'

/**
 * By the provider's pages on models, prices and deprecations, as of 2026-11-21. A cache write of an older model costs as
 * much as input.
 */
export const visionModels: readonly VisionModel[] = [
  {
    family: 'gpt-6-luna',
    leastEffort: 'none',
    outputTokensMax: 4000,
    price: { input: 0.1, cachedInput: 0.01, cacheWrite: 0.125, output: 0.5 },
  },
  {
    family: 'gpt-6.1-terra',
    leastEffort: 'none',
    outputTokensMax: 4000,
    price: { input: 1, cachedInput: 0.05, cacheWrite: 1.25, output: 5 },
  },
  {
    family: 'gpt-6-astra',
    leastEffort: 'low',
    outputTokensMax: 8000,
    price: { input: 10, cachedInput: 1, cacheWrite: 12.5, output: 50 },
  },
  {
    family: 'gpt-5.6-luna',
    leastEffort: 'none',
    outputTokensMax: 4000,
    price: { input: 0.2, cachedInput: 0.02, cacheWrite: 0.25, output: 1.2 },
  },
  {
    family: 'gpt-5.4-mini',
    leastEffort: 'none',
    outputTokensMax: 4000,
    price: { input: 0.75, cachedInput: 0.075, cacheWrite: 0.75, output: 4.5 },
  },
  {
    family: 'gpt-5.4-nano',
    leastEffort: 'none',
    outputTokensMax: 4000,
    price: { input: 0.2, cachedInput: 0.02, cacheWrite: 0.2, output: 1.25 },
  },
  { family: 'gpt-5.', leastEffort: 'none', outputTokensMax: 4000 },
  {
    family: 'gpt-5-mini',
    leastEffort: 'minimal',
    outputTokensMax: 4000,
    price: { input: 0.25, cachedInput: 0.025, cacheWrite: 0.25, output: 2 },
    shutDownOn: '2026-12-11',
  },
  {
    family: 'gpt-5-nano',
    leastEffort: 'minimal',
    outputTokensMax: 4000,
    price: { input: 0.05, cachedInput: 0.005, cacheWrite: 0.05, output: 0.4 },
    shutDownOn: '2026-12-11',
  },
  { family: 'gpt-5', leastEffort: 'minimal', outputTokensMax: 4000, shutDownOn: '2026-12-11' },
  {
    family: 'gpt-4o-mini',
    leastEffort: undefined,
    outputTokensMax: 2000,
    price: { input: 0.15, cachedInput: 0.075, cacheWrite: 0.15, output: 0.6 },
    shutDownOn: '2027-01-14',
  },
  { family: 'gpt-4', leastEffort: undefined, outputTokensMax: 2000, shutDownOn: '2027-01-14' },
  { family: 'o3', leastEffort: 'low', outputTokensMax: 8000, shutDownOn: '2026-12-11' },
  // An unknown model is treated as a current one. If it refuses the effort, the process remembers that.
  { family: '', leastEffort: 'none', outputTokensMax: 4000 },
]

export function findVisionModel(name: string): VisionModel {
  const [longest] = visionModels
    .filter(({ family }) => name.startsWith(family))
    .sort((a, b) => b.family.length - a.family.length)
  if (!longest) throw new Error('The list of vision models has no entry for unknown names')
  return longest
}
