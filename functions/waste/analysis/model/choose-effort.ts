import { type Effort, efforts } from './vision-models.ts'

/** The error of the API, as far as it is needed here. */
type Refusal = {
  status?: number | undefined
  code?: string | null | undefined
  param?: string | null | undefined
  message: string
}

const refusalCodes = ['unsupported_value', 'unsupported_parameter', 'invalid_value']

/** Chooses the reasoning effort. The process does not ask again for an effort that the model has refused. */
export function createEffortChoice(leastEffort: Effort | undefined) {
  let chosen = leastEffort
  return {
    current: (): Effort | undefined => chosen,
    /** Whether there is an alternative, after `asked` was refused. */
    fallBack: (asked: Effort | undefined, refusal: Refusal): boolean => {
      if (asked === undefined || !isAboutEffort(refusal)) return false
      // Concurrent calls are refused alike: the first of them chooses for all.
      if (chosen === asked) chosen = leastSupported(refusal, asked)
      return true
    },
  }
}

function isAboutEffort({ status, code, param, message }: Refusal): boolean {
  return status === 400 && refusalCodes.includes(code ?? '') && /reasoning|effort/.test(param ?? message)
}

/**
 * The message lists what is supported, in quotes. Without a list the field is left out, and the model takes its own
 * default.
 */
function leastSupported({ code, message }: Refusal, asked: Effort): Effort | undefined {
  if (code === 'unsupported_parameter') return undefined
  const [, listed = ''] = message.split(/supported values are/i)
  return efforts.find((effort) => effort !== asked && listed.includes(`'${effort}'`))
}
