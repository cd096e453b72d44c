import { CommandError } from '../command-error.ts'
import { parseDouble } from '../numbers.ts'
import type { ScoredMember } from '../sorted-set.ts'

const notARange = () => new CommandError('ERR min or max is not a float')

function readBound(text: string): { score: number; exclusive: boolean } {
  const exclusive = text.startsWith('(')
  return { score: parseDouble(exclusive ? text.slice(1) : text, notARange), exclusive }
}

/** Reads the ends of a range of scores, where "(" excludes the end itself. */
export function readScoreRange(min: string, max: string): (scored: ScoredMember) => boolean {
  const [low, high] = [readBound(min), readBound(max)]
  return ({ score }) =>
    (low.exclusive ? score > low.score : score >= low.score) &&
    (high.exclusive ? score < high.score : score <= high.score)
}
