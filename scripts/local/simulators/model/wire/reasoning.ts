import { invalidRequest } from './openai-errors.ts'

/** Every effort of the API, from the least. */
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
type Effort = (typeof EFFORTS)[number]

/** About the cost of one picture with a short answer. Reports agree that "medium" uses up 100 to 500 tokens. */
const REASONING_TOKENS: Record<Effort, number> = {
  none: 0,
  minimal: 40,
  low: 250,
  medium: 1100,
  high: 3000,
  xhigh: 8000,
  max: 16_000,
}

type Family = { name: RegExp; efforts: readonly Effort[]; byDefault: Effort }

/** By the model pages of the provider, and its own refusals, of November 2026. The first match counts. */
const FAMILIES: Family[] = [
  { name: /^(gpt-3|gpt-4|chatgpt-4o)/, efforts: [], byDefault: 'none' },
  { name: /^o\d/, efforts: ['low', 'medium', 'high'], byDefault: 'medium' },
  { name: /^gpt-5(-|$)/, efforts: ['minimal', 'low', 'medium', 'high'], byDefault: 'medium' },
  { name: /^gpt-5\.1/, efforts: ['none', 'low', 'medium', 'high'], byDefault: 'none' },
  { name: /^gpt-5\.[2-5]/, efforts: ['none', 'low', 'medium', 'high', 'xhigh'], byDefault: 'none' },
  { name: /^gpt-6-astra/, efforts: ['low', 'medium', 'high', 'xhigh', 'max'], byDefault: 'medium' },
  { name: /^/, efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'], byDefault: 'medium' },
]

const isEffort = (word: string): word is Effort => EFFORTS.some((effort) => effort === word)

/** The tokens that a model reasons before it answers. Throws the API's 400 for an effort that it does not support. */
export function reasoningTokens(model: string, effort: string | undefined, param: string): number {
  const family = FAMILIES.find(({ name }) => name.test(model))
  if (!family || effort === undefined) return REASONING_TOKENS[family?.byDefault ?? 'none']
  if (!isEffort(effort)) {
    const message = `Invalid value: '${effort}'. Supported values are: ${listed(EFFORTS)}.`
    throw invalidRequest('invalid_value', message, param)
  }
  if (family.efforts.length === 0) {
    const message = `Unsupported parameter: '${param}' is not supported with this model.`
    throw invalidRequest('unsupported_parameter', message, param)
  }
  if (!family.efforts.includes(effort)) {
    const supported = listed(family.efforts)
    const message = `Unsupported value: '${effort}' is not supported with the '${model}' model. Supported values are: ${supported}.`
    throw invalidRequest('unsupported_value', message, param)
  }
  return REASONING_TOKENS[effort]
}

function listed(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`)
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`
}
