import { type Call, type Command, command, findValue, GROW, WRITE } from '../command.ts'
import { CommandError, syntaxError } from '../command-error.ts'
import { parseDouble } from '../numbers.ts'
import { bulkOrNull, double, integer, NULL, type Reply } from '../reply.ts'
import { createSortedSet, type SortedSet } from '../sorted-set.ts'
import { readScoreRange } from './score-range.ts'

const ADD_OPTIONS = ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'] as const
type AddOption = (typeof ADD_OPTIONS)[number]

function readAdd(words: readonly string[]) {
  const options = new Set<AddOption>()
  let at = 0
  for (; at < words.length; at += 1) {
    const option = ADD_OPTIONS.find((known) => known === words[at]?.toUpperCase())
    if (!option) break
    options.add(option)
  }
  const pairs = words.slice(at)
  if (pairs.length === 0 || pairs.length % 2 !== 0) throw syntaxError()
  if (options.has('NX') && options.has('XX'))
    throw new CommandError('ERR XX and NX options at the same time are not compatible')
  if ([...options].filter((option) => /^(?:NX|GT|LT)$/.test(option)).length > 1)
    throw new CommandError('ERR GT, LT, and/or NX options at the same time are not compatible')
  if (options.has('INCR') && pairs.length > 2)
    throw new CommandError('ERR INCR option supports a single increment-element pair')
  const scored = []
  for (let pair = 0; pair < pairs.length; pair += 2)
    scored.push({ score: parseDouble(pairs[pair] ?? ''), member: pairs[pair + 1] ?? '' })
  return { options, scored }
}

/** What becomes of a member, or undefined when the options forbid the write. */
function nextScore(options: ReadonlySet<AddOption>, old: number | undefined, given: number): number | undefined {
  if (old === undefined) return options.has('XX') ? undefined : given
  const score = options.has('INCR') ? old + given : given
  if (Number.isNaN(score)) throw new CommandError('ERR resulting score is not a number (NaN)')
  if (options.has('NX') || (options.has('GT') && score <= old) || (options.has('LT') && score >= old)) return undefined
  return score
}

function save(call: Call, scored: SortedSet) {
  const [key = ''] = call.args
  if (call.keyspace.find(key)) call.keyspace.resized(key)
  else if (scored.size() > 0) call.keyspace.put(key, { type: 'zset', scored })
}

const scoredOf = (call: Call) => findValue(call, call.args[0] ?? '', 'zset')?.scored

function addMembers(call: Call): Reply {
  const { options, scored: pairs } = readAdd(call.args.slice(1))
  const scored = scoredOf(call) ?? createSortedSet()
  let added = 0
  let changed = 0
  let incremented: number | undefined
  for (const { member, score: given } of pairs) {
    const old = scored.score(member)
    const score = nextScore(options, old, given)
    incremented = score
    if (score === undefined || score === old) continue
    scored.put(member, score)
    if (old === undefined) added += 1
    else changed += 1
  }
  if (added + changed > 0) save(call, scored)
  if (options.has('INCR')) return incremented === undefined ? NULL : double(incremented)
  return integer(options.has('CH') ? added + changed : added)
}

function removeWhere(call: Call, members: readonly string[]): Reply {
  const scored = scoredOf(call)
  if (!scored) return integer(0)
  const removed = members.filter((member) => scored.remove(member)).length
  if (removed > 0) save(call, scored)
  return integer(removed)
}

export const sortedSetWriteCommands: readonly Command[] = [
  command('zadd', -4, GROW, addMembers),
  command('zincrby', 4, GROW, (call) => {
    const [key = '', ...pair] = call.args
    const answer = addMembers({ ...call, args: [key, 'INCR', ...pair] })
    return answer.kind === 'double' ? answer : bulkOrNull(undefined)
  }),
  command('zrem', -3, WRITE, (call) => removeWhere(call, call.args.slice(1))),
  command('zremrangebyscore', 4, WRITE, (call) => {
    const inRange = readScoreRange(call.args[1] ?? '', call.args[2] ?? '')
    const members = scoredOf(call)?.ordered().filter(inRange) ?? []
    return removeWhere(
      call,
      members.map(({ member }) => member),
    )
  }),
]
